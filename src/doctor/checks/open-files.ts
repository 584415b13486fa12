// How many files and connections this process may hold.
import type { Check } from '../check.js';
import { ok, SkipCheck, warning } from '../finding.js';

const WANTED = 4_096;

export const openFiles: Check = {
  id: 'system.open-files',
  about: 'The limit of open files leaves room for one connection per job.',
  async look({ process }) {
    const limit = await process.openFiles();
    if (limit === undefined) throw new SkipCheck('this system does not tell');
    const seen = Number.isFinite(limit) ? `at most ${limit} open files` : 'no limit of open files';
    return limit < WANTED
      ? warning(
          seen,
          `Raise it to ${WANTED}: \`ulimit -n ${WANTED}\`, LimitNOFILE= in a systemd unit, or \`ulimits\` in a compose file.`,
        )
      : ok(seen);
  },
};
