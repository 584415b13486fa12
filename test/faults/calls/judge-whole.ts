// What must be there after the short life of everything was cut short; opened as a node opens it, without any help.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { openReportLog } from '../../../src/adapters/logs/segment-report-log.js';
import { openDataDirectory } from '../../../src/adapters/state/data-directory.js';
import { PLANS } from '../crash/journal-plan.js';
import { judgeJournal } from '../crash/judge-journal.js';
import { judgeState } from '../crash/judge-state.js';

const judgeReports = async (dir: string, acknowledged: readonly string[]): Promise<void> => {
  const reports = await openReportLog(dir, { maxBytes: 1_000_000 });
  for (const { report, bytes, sha256 } of reports.sealed()) {
    const content = await reports.read(report, 0, bytes);
    expect(`sha256:${createHash('sha256').update(content).digest('hex')}`).toBe(sha256);
  }
  const found = reports.sealed().map(({ report, sha256 }) => `sealed ${report} ${sha256}`);
  const promised = acknowledged.filter((text) => text.startsWith('sealed '));
  expect(found.slice(0, promised.length)).toEqual(promised);
  await reports.close();
};

/** @param says where the life said what it had promised */
export const judgeWhole = async (root: string, says: string): Promise<number> => {
  // A torn last line was not said.
  const acknowledged = existsSync(says) ? readFileSync(says, 'utf8').split('\n').slice(0, -1) : [];
  const directory = await openDataDirectory(join(root, 'data'));
  try {
    const { jobs, logs } = directory.paths.network('devnet');
    await judgeState(directory.paths.root, acknowledged);
    await judgeJournal(jobs, acknowledged, PLANS.short);
    await judgeReports(logs, acknowledged);
  } finally {
    await directory.release();
  }
  return acknowledged.length;
};
