// The journal over every power cut of a recorded life: what it had promised is there, and nothing else is believed.
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { memoryScratch } from '../memory-scratch.js';
import { PROMISED_IMAGES } from '../promised.js';
import { FaultTally } from '../report.js';
import { isWhole, scaled } from '../scale.js';
import { withoutDirectorySync, withoutSync } from './calls.js';
import { jobsOf, PLANS } from './journal-plan.js';
import { judgeJournal } from './judge-journal.js';
import { type Judge, openImages } from './open-images.js';
import { eatmydataObstacle, recordingObstacle, recordLife } from './record-life.js';

const judge: Judge = (place, { acknowledged }) => judgeJournal(join(place, 'jobs'), acknowledged, PLANS.long);

const obstacle = recordingObstacle();

test.skipIf(obstacle !== undefined)('loses no promise of the journal to a power cut', async () => {
  const jobs = jobsOf(PLANS.long);
  const life = await recordLife('journal.ts', memoryScratch());
  expect(life.calls.filter((call) => call.do === 'acknowledge')).toHaveLength(jobs * 3 + jobs / 2 + 1);
  const tally = new FaultTally('journal');
  onTestFinished(() => tally.file());
  const { opened, broken } = await openImages('journal', life, scaled(26), judge);
  expect(broken).toBeUndefined();
  tally.count('power cut', 'every promise kept', opened);
  expect(opened).toBeGreaterThan(isWhole ? PROMISED_IMAGES.journal : 0);

  // Were these lives not caught, the images above would prove nothing.
  const controls = { 'nothing is synced': withoutSync, 'no directory is synced': withoutDirectorySync };
  for (const [what, change] of Object.entries(controls)) {
    const control = await openImages(what, { ...life, calls: change(life.calls) }, 4, judge);
    expect(control.broken, what).toBeDefined();
    tally.count(`power cut where ${what} (control)`, 'caught');
  }
});

test.skipIf(eatmydataObstacle() !== undefined)('catches a journal under eatmydata', async () => {
  const life = await recordLife('journal.ts', memoryScratch(), ['eatmydata']);
  expect(life.calls.filter((call) => call.do === 'sync' || (call.do === 'write' && call.durable))).toEqual(
    [],
  );
  const { broken } = await openImages('eatmydata', life, 4, judge);
  expect(broken).toBeDefined();
  const tally = new FaultTally('journal');
  tally.count('power cut under eatmydata (control)', 'caught');
  tally.file();
});
