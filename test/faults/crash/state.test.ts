// A node's small files over every power cut from its first start on: key, account, floor, configuration, failures, proof.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { dataPaths } from '../../../src/adapters/state/data-paths.js';
import { memoryScratch } from '../memory-scratch.js';
import { PROMISED_IMAGES } from '../promised.js';
import { FaultTally } from '../report.js';
import { isWhole, scaled } from '../scale.js';
import { type Call, renamedBeforeSync, withoutDirectorySync, withoutSync } from './calls.js';
import { expectFrom, judgeState, promised } from './judge-state.js';
import { type Judge, openImages } from './open-images.js';
import { eatmydataObstacle, recordingObstacle, recordLife } from './record-life.js';
import { LAST } from './state-values.js';

const judge: Judge = (place, { acknowledged }) => judgeState(join(place, 'data'), acknowledged);

const obstacle = recordingObstacle();

test.skipIf(obstacle !== undefined)('loses no promise of a small file to a power cut', async () => {
  const life = await recordLife('state.ts', memoryScratch());
  expect(life.calls.filter((call) => call.do === 'acknowledge')).toHaveLength(1 + 5 * LAST);
  const tally = new FaultTally('key, account, floor, config, failures, proven');
  onTestFinished(() => tally.file());
  const { opened, broken } = await openImages('state', life, scaled(60), judge);
  expect(broken).toBeUndefined();
  tally.count('power cut', 'every promise kept', opened);

  const controls: Readonly<Record<string, (calls: readonly Call[]) => readonly Call[]>> = {
    'nothing is synced': withoutSync,
    'no directory is synced': withoutDirectorySync,
    'files are renamed before they are synced': renamedBeforeSync,
  };
  for (const [what, change] of Object.entries(controls)) {
    const control = await openImages(what, { ...life, calls: change(life.calls) }, 8, judge);
    expect(control.broken, what).toBeDefined();
    tally.count(`power cut where ${what} (control)`, 'caught');
  }
  expect(opened).toBeGreaterThan(isWhole ? PROMISED_IMAGES['small files'] : 0);
});

test.skipIf(obstacle !== undefined)('catches what lowdb loses with its own adapter', async () => {
  const life = await recordLife('stock-lowdb.ts', memoryScratch());
  const tally = new FaultTally('lowdb as it comes');
  onTestFinished(() => tally.file());
  const { broken } = await openImages('lowdb', life, 8, async (place, { acknowledged }) => {
    const least = promised(acknowledged, 'floor');
    if (least === 0) return;
    const text = readFileSync(dataPaths(join(place, 'data')).network('devnet').floor, 'utf8');
    expectFrom(least, JSON.parse(text), (number) => ({ config_version: number }));
  });
  expect(broken).toBeDefined();
  tally.count('power cut (control)', 'caught');
});

test.skipIf(eatmydataObstacle() !== undefined)('catches the small files under eatmydata', async () => {
  const life = await recordLife('state.ts', memoryScratch(), ['eatmydata']);
  expect(life.calls.filter(({ do: what }) => what === 'sync')).toEqual([]);
  const { broken } = await openImages('eatmydata', life, 8, judge);
  expect(broken).toBeDefined();
  const tally = new FaultTally('key, account, floor, config, failures, proven');
  tally.count('power cut under eatmydata (control)', 'caught');
  tally.file();
});
