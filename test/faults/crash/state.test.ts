// A node's small files over every power cut from its first start on: key, account, floor, configuration, failures.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createIdentityStore } from '../../../src/adapters/identity/keystore-identity.js';
import { dataPaths } from '../../../src/adapters/state/data-paths.js';
import { openNetworkState } from '../../../src/adapters/state/network-state.js';
import { openRuntimeHistory } from '../../../src/adapters/state/runtime-history.js';
import { memoryScratch } from '../memory-scratch.js';
import { FaultTally } from '../report.js';
import { isWhole, scaled } from '../scale.js';
import { type Call, renamedBeforeSync, withoutDirectorySync, withoutSync } from './calls.js';
import { type Judge, openImages } from './open-images.js';
import { recordingObstacle, recordLife } from './record-life.js';
import { accountOf, configOf, failuresOf, PASSPHRASE } from './state-values.js';

const LAST = 5;

/** The last number promised of a file. */
const promised = (acknowledged: readonly string[], what: string): number =>
  Number(acknowledged.findLast((text) => text.startsWith(`${what} `))?.split(' ')[1] ?? 0);

/** What was promised or anything later, as a whole. */
const expectFrom = (least: number, found: unknown, numbered: (number: number) => unknown): void => {
  const allowed = Array.from({ length: LAST - least + 1 }, (_, at) => numbered(least + at));
  expect(allowed).toContainEqual(found);
};

const judge: Judge = async (place, { acknowledged }) => {
  const paths = dataPaths(join(place, 'data'));
  const [, nodeId] = acknowledged.find((text) => text.startsWith('identity '))?.split(' ') ?? [];
  const identity = createIdentityStore({ dir: paths.root });
  if (nodeId !== undefined) expect((await identity.open(PASSPHRASE)).nodeId).toBe(nodeId);
  const network = paths.network('devnet');
  if (existsSync(network.directory)) {
    const state = await openNetworkState(network, 'devnet');
    // A power cut is no damage: the file itself must be whole, or not there yet.
    for (const recovered of Object.values(state.recovered)) expect(['whole', 'fresh']).toContain(recovered);
    const least = (what: string) => promised(acknowledged, what);
    expectFrom(least('account'), state.account.data, (number) => (number === 0 ? null : accountOf(number)));
    expectFrom(least('floor'), state.floor.data, (number) => ({ config_version: number }));
    const config = await state.readConfig();
    expectFrom(least('config'), config?.toString(), (number) =>
      number === 0 ? undefined : configOf(number).toString(),
    );
  } else expect(promised(acknowledged, 'account')).toBe(0);
  if (existsSync(paths.runtime)) {
    const { store, recovered } = await openRuntimeHistory(paths.runtime);
    expect(['whole', 'fresh']).toContain(recovered);
    expectFrom(promised(acknowledged, 'failures'), store.data, failuresOf);
  } else expect(promised(acknowledged, 'failures')).toBe(0);
};

const obstacle = recordingObstacle();

test.skipIf(obstacle !== undefined)('loses no promise of a small file to a power cut', async () => {
  const life = await recordLife('state.ts', memoryScratch());
  expect(life.calls.filter((call) => call.do === 'acknowledge')).toHaveLength(1 + 4 * LAST);
  const tally = new FaultTally('key, account, floor, config, failures');
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
  expect(opened).toBeGreaterThan(isWhole ? 1_000 : 0);
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
