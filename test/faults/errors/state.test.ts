// Every step of a life of the small files fails once, in every way: typed, memory equals disk, and the next try succeeds.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { dataPaths } from '../../../src/adapters/state/data-paths.js';
import type { DiskSteps } from '../../../src/adapters/state/disk-steps.js';
import { realDisk } from '../../../src/adapters/state/disk-steps.js';
import { openNetworkState } from '../../../src/adapters/state/network-state.js';
import { openRuntimeHistory } from '../../../src/adapters/state/runtime-history.js';
import { accountOf, configOf, failuresOf } from '../crash/state-values.js';
import { refusalCode } from '../damage/expect-refusal.js';
import { memoryScratch } from '../memory-scratch.js';
import { FaultTally } from '../report.js';
import { failingSteps, MOMENTS } from './failing-steps.js';

interface Held {
  readonly account: unknown;
  readonly floor: unknown;
  readonly config: string | undefined;
  readonly failures: unknown;
}

const open = async (root: string, disk: DiskSteps) => {
  const paths = dataPaths(root);
  const state = await openNetworkState(paths.network('devnet'), 'devnet', disk);
  const { store } = await openRuntimeHistory(paths.runtime, disk);
  const held = async (): Promise<Held> => ({
    account: state.account.data,
    floor: state.floor.data,
    config: (await state.readConfig())?.toString(),
    failures: store.data,
  });
  return { state, failures: store, held };
};
type Node = Awaited<ReturnType<typeof open>>;

const steps = (number: number): readonly ((node: Node) => Promise<unknown>)[] => [
  ({ state }) => state.account.update(() => accountOf(number)),
  ({ state }) => state.floor.update(() => ({ config_version: number })),
  ({ state }) => state.writeConfig(configOf(number)),
  ({ failures }) => failures.update(() => failuresOf(number)),
];
const LIFE = [1, 2].flatMap(steps);

/** @returns the codes it was refused with */
const live = async (root: string, disk: DiskSteps): Promise<readonly string[]> => {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(dataPaths(root).network('devnet').directory, { recursive: true });
  const refusals: string[] = [];
  /** Tries again once: the fault is gone then. */
  const insist = async <T>(work: () => Promise<T>, afterwards: () => Promise<void>): Promise<T> => {
    try {
      return await work();
    } catch (caught) {
      refusals.push(refusalCode(caught));
      await afterwards();
      return work();
    }
  };
  const node = await insist(
    () => open(root, disk),
    async () => {},
  );
  const memoryEqualsDisk = async () => {
    const fresh = await open(root, realDisk);
    expect(await node.held()).toEqual(await fresh.held());
  };
  for (const step of LIFE) await insist(() => step(node), memoryEqualsDisk);
  await memoryEqualsDisk();
  expect(await node.held()).toEqual({
    account: accountOf(2),
    floor: { config_version: 2 },
    config: configOf(2).toString(),
    failures: failuresOf(2),
  });
  return refusals;
};

test('survives every step of the disk failing', async () => {
  const root = join(memoryScratch(), 'data');
  const counting = failingSteps(0, 'before', '');
  expect(await live(root, counting)).toEqual([]);
  const tally = new FaultTally('account, floor, config, failures');
  onTestFinished(() => tally.file());
  for (const code of ['ENOSPC', 'EIO', 'EROFS']) {
    for (const moment of MOMENTS) {
      for (let nth = 1; nth <= counting.taken(); nth++) {
        try {
          const refusals = await live(root, failingSteps(nth, moment, code));
          tally.count(
            `${code} ${moment} a step`,
            refusals.length === 0 ? 'of no consequence' : `refused: ${refusals}`,
          );
        } catch (cause) {
          throw new Error(`${code} ${moment} step ${nth}`, { cause });
        }
      }
    }
  }
  expect(tally.total()).toBe(9 * counting.taken());
});
