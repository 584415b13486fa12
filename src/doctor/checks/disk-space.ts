// Room on the disks: where the node keeps its state, and where models go.
import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { dataPaths } from '../../adapters/state/data-paths.js';
import { systemCode } from '../../adapters/state/state-errors.js';
import { showBytes } from '../bytes.js';
import type { Check } from '../check.js';
import { type Finding, failure, ok, warning } from '../finding.js';
import { configOf } from '../subject.js';

const GIB = 1024 ** 3;
/** The model store keeps as much free, and so does a journal that has to go on. */
const RESERVE_BYTES = GIB;
/** One model of 8 billion parameters in 16 bits. */
const ONE_MODEL_BYTES = 20 * GIB;

export const dataSpace: Check = {
  id: 'data.space',
  about: 'The disk of the data directory has room for the journal and the logs.',
  ifSlow: 'Look at the disk of the data directory: it does not answer.',
  look: async (subject) => {
    const { dataDir } = configOf(subject);
    return judgeSpace(dataDir, RESERVE_BYTES, 'Free space there, or move the data directory (--data-dir).');
  },
};

export const modelSpace: Check = {
  id: 'models.space',
  about: 'The disk of the model store has room for a model.',
  ifSlow: 'Look at the disk of the model store: it does not answer.',
  look: async (subject) => {
    const { models } = dataPaths(configOf(subject).dataDir);
    return judgeSpace(models, ONE_MODEL_BYTES, 'Free space there before the network asks for another model.');
  },
};

/** Less than the reserve is a failure, less than what is wanted a warning. */
export const judgeSpace = async (path: string, wantedBytes: number, remedy: string): Promise<Finding> => {
  const place = await nearest(path);
  const { bavail, bsize, blocks } = await statfs(place);
  const freeBytes = bavail * bsize;
  const seen = `${showBytes(freeBytes)} of ${showBytes(blocks * bsize)} free at ${place}`;
  if (freeBytes < RESERVE_BYTES) return failure(`${seen}; ${showBytes(RESERVE_BYTES)} must be`, remedy);
  if (freeBytes < wantedBytes) return warning(`${seen}; ${showBytes(wantedBytes)} would be better`, remedy);
  return ok(seen);
};

/** The directory itself, or the first above it that is there. */
const nearest = async (path: string): Promise<string> => {
  try {
    await stat(path);
    return path;
  } catch (caught) {
    if (!['ENOENT', 'ENOTDIR'].includes(systemCode(caught) ?? '') || dirname(path) === path) throw caught;
    return nearest(dirname(path));
  }
};
