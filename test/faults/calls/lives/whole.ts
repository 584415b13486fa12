// All a node keeps on disk, in one short life: key, documents, journal, report log. Ends with code 3 where a step was
// refused in words of its own, and says them.
import './determined.js';
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { openReportLog } from '../../../../src/adapters/logs/segment-report-log.js';
import { NodeError, toFailure } from '../../../../src/errors.js';
import { PLANS } from '../../crash/journal-plan.js';
import { liveJournal } from '../../crash/lives/live-journal.js';
import { liveState } from '../../crash/lives/live-state.js';
import { promiser } from '../../crash/lives/promise.js';
import { REFUSED, ROUNDS } from '../whole-plan.js';

const [root = '', says = ''] = process.argv.slice(2);
const promise = promiser(says);

const liveReports = async (dir: string): Promise<void> => {
  const reports = await openReportLog(dir, { maxBytes: 1_000_000 });
  for (const line of [1, 2]) {
    reports.write(JSON.stringify({ line }));
    const sealed = await reports.seal();
    // A line the disk did not take is counted as missing: there may be nothing to seal.
    if (sealed !== undefined) promise(`sealed ${sealed.report} ${sealed.sha256}`);
  }
  await reports.close();
};

const live = async (): Promise<void> => {
  try {
    await liveState(join(root, 'data'), promise, ROUNDS, async (paths) => {
      const { jobs, logs } = paths.network('devnet');
      await liveJournal(jobs, promise, PLANS.short);
      await liveReports(logs);
    });
  } catch (caught) {
    if (!(caught instanceof NodeError)) throw caught;
    writeSync(1, JSON.stringify(toFailure(caught)));
    process.exit(REFUSED);
  }
};
void live();
