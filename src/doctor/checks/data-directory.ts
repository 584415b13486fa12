// The data directory: the node's own, closed to others, and fit for files that are replaced whole.
import { constants, type Stats } from 'node:fs';
import { access, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ulid } from 'ulid';
import { adviceFor, systemCode } from '../../adapters/state/state-errors.js';
import type { Check } from '../check.js';
import { type Finding, failure, ok, warning } from '../finding.js';
import { configOf } from '../subject.js';

export const dataDirectory: Check = {
  id: 'data.directory',
  about:
    "The data directory is the node's own, closed to others, and files in it can be written and renamed; or it can be made.",
  ifSlow: 'Look at the disk of the data directory: it does not answer.',
  async look(subject) {
    const { dataDir } = configOf(subject);
    try {
      const found = await statIfThere(dataDir);
      if (found === undefined) return await canBeMade(dataDir);
      if (!found.isDirectory()) {
        return failure(
          `${dataDir} is no directory`,
          'Name another path (--data-dir), or move this file away.',
        );
      }
      const { uid } = subject.process;
      const mode = (found.mode & 0o777).toString(8).padStart(4, '0');
      const seen = `${dataDir}, owner ${found.uid}, mode ${mode}`;
      if (uid !== undefined && found.uid !== uid) {
        return failure(
          `${seen}, and this is user ${uid}`,
          `Run the doctor as the user of the node (\`sudo -u '#${found.uid}' …\`), or give it the directory: \`chown -R ${uid} ${dataDir}\`.`,
        );
      }
      await replaceAFile(dataDir);
      if ((found.mode & 0o077) !== 0) {
        return await openToOthers(dataDir, `${seen}: open to other users`);
      }
      return ok(`${seen}; a file was written, renamed and removed`);
    } catch (caught) {
      return failure(`${dataDir}: ${systemCode(caught) ?? 'unknown reason'}`, adviceFor(caught));
    }
  },
};

const statIfThere = async (path: string): Promise<Stats | undefined> => {
  try {
    return await stat(path);
  } catch (caught) {
    if (systemCode(caught) === 'ENOENT') return undefined;
    throw caught;
  }
};

/** The node closes what is its own by itself, and refuses a directory that holds other people's files. */
const openToOthers = async (directory: string, seen: string): Promise<Finding> => {
  const names = await readdir(directory);
  const close = `Run \`chmod 700 ${directory}\`.`;
  return names.includes('lock') || names.includes('identity.json')
    ? warning(seen, close)
    : failure(seen, `${close} If others need what is in it, name a directory inside (--data-dir).`);
};

/** The first directory above that is there must let this user in. */
const canBeMade = async (path: string): Promise<Finding> => {
  const parent = dirname(path);
  const found = parent === path ? await stat(parent) : await statIfThere(parent);
  if (found === undefined) return canBeMade(parent);
  await access(parent, constants.W_OK | constants.X_OK);
  return ok(`not there yet; the node makes it in ${parent}`);
};

/** What every write of the node does. A name of its own: a node may be at work here. */
const replaceAFile = async (directory: string): Promise<void> => {
  const written = join(directory, `.doctor.${ulid()}.tmp`);
  const renamed = `${written}.renamed`;
  try {
    await writeFile(written, 'doctor\n', { mode: 0o600, flag: 'wx', flush: true });
    await rename(written, renamed);
  } finally {
    await Promise.all([rm(written, { force: true }), rm(renamed, { force: true })]);
  }
};
