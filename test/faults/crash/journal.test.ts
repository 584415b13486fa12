// The journal over every power cut of a recorded life: what it had promised is there, and nothing else is believed.
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { CorruptEntry } from '../../../src/adapters/journal/journal-store.js';
import { openJobJournal } from '../../../src/adapters/journal/lmdb-journal.js';
import { NO_DIGEST } from '../../../src/protocol/receipt.js';
import { attempt, digestOfReceipt, outputOf } from '../../adapters/journal/job-fixtures.js';
import { memoryScratch } from '../memory-scratch.js';
import { FaultTally } from '../report.js';
import { isWhole, scaled } from '../scale.js';
import { withoutDirectorySync, withoutSync } from './calls.js';
import { type Judge, openImages } from './open-images.js';
import { recordingObstacle, recordLife } from './record-life.js';

const STEPS = ['accepted', 'finished', 'receipted', 'acknowledged'];

/** The furthest step promised of each attempt. */
const promisesOf = (acknowledged: readonly string[]): ReadonlyMap<number, string> => {
  const promises = new Map<number, string>();
  for (const text of acknowledged) {
    const [step = '', number = ''] = text.split(' ');
    if (STEPS.includes(step)) promises.set(Number(number), step);
  }
  return promises;
};

const judge: Judge = async (place, { acknowledged }) => {
  const told: CorruptEntry[] = [];
  const journal = await openJobJournal(join(place, 'jobs'), { onCorrupt: (entry) => told.push(entry) });
  try {
    for (const [number, step] of promisesOf(acknowledged)) {
      const record = journal.find(attempt(number));
      // Pruned, perhaps without having been able to say so.
      const mayBeGone = number <= 16 && promisesOf(acknowledged).size >= 18;
      if (record === undefined && mayBeGone) continue;
      expect([number, STEPS.indexOf(record?.state ?? '')]).toEqual([
        number,
        expect.toSatisfy((reached: number) => reached >= STEPS.indexOf(step)),
      ]);
      const isKept = record?.state === 'finished' || record?.state === 'receipted';
      if (isKept) expect(journal.output(attempt(number))).toMatchObject({ chunks: null });
      if (isKept && number % 3 !== 0) expect(journal.output(attempt(number))).toEqual(outputOf(number));
    }
    const receipts = journal
      .recent(99)
      .flatMap(({ receipt }) => (receipt === null ? [] : [receipt]))
      .sort((a, b) => a.seq - b.seq);
    for (const [at, receipt] of receipts.entries()) {
      const before = receipts[at - 1];
      const expected = before === undefined ? NO_DIGEST : digestOfReceipt(before);
      if (before === undefined ? receipt.seq === 1 : before.seq === receipt.seq - 1) {
        expect(receipt.previous).toBe(expected);
      }
    }
    expect(new Set(receipts.map(({ seq }) => seq)).size).toBe(receipts.length);
    expect(told).toEqual([]);
  } finally {
    await journal.close();
  }
};

const obstacle = recordingObstacle();

test.skipIf(obstacle !== undefined)('loses no promise of the journal to a power cut', async () => {
  const life = await recordLife('journal.ts', memoryScratch());
  expect(life.calls.filter((call) => call.do === 'acknowledge')).toHaveLength(22 * 3 + 11 + 1);
  const tally = new FaultTally('journal');
  onTestFinished(() => tally.file());
  const { opened, broken } = await openImages('journal', life, scaled(50), judge);
  expect(broken).toBeUndefined();
  tally.count('power cut', 'every promise kept', opened);
  expect(opened).toBeGreaterThan(isWhole ? 18_000 : 0);

  // Were these lives not caught, the images above would prove nothing.
  const controls = { 'nothing is synced': withoutSync, 'no directory is synced': withoutDirectorySync };
  for (const [what, change] of Object.entries(controls)) {
    const control = await openImages(what, { ...life, calls: change(life.calls) }, 4, judge);
    expect(control.broken, what).toBeDefined();
    tally.count(`power cut where ${what} (control)`, 'caught');
  }
});
