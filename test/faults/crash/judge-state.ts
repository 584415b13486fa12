// What a node's small files must hold after a life that was cut short: what was promised last, or what was being
// written after it; whole either way.
import { existsSync } from 'node:fs';
import { expect } from 'vitest';
import { createIdentityStore } from '../../../src/adapters/identity/keystore-identity.js';
import { dataPaths } from '../../../src/adapters/state/data-paths.js';
import { openNetworkState } from '../../../src/adapters/state/network-state.js';
import { openProvenRuntime } from '../../../src/adapters/state/proven-runtime.js';
import { openRuntimeHistory } from '../../../src/adapters/state/runtime-history.js';
import { accountOf, configOf, failuresOf, PASSPHRASE, provenOf } from './state-values.js';

/** The last number promised of a file. */
export const promised = (acknowledged: readonly string[], what: string): number =>
  Number(acknowledged.findLast((text) => text.startsWith(`${what} `))?.split(' ')[1] ?? 0);

export const expectFrom = (least: number, found: unknown, numbered: (number: number) => unknown): void =>
  expect([numbered(least), numbered(least + 1)]).toContainEqual(found);

/** @throws when a promise is broken or something torn is believed */
export const judgeState = async (data: string, acknowledged: readonly string[]): Promise<void> => {
  const paths = dataPaths(data);
  const least = (what: string) => promised(acknowledged, what);
  const [, nodeId] = acknowledged.find((text) => text.startsWith('identity '))?.split(' ') ?? [];
  const identity = createIdentityStore({ dir: paths.root });
  if (nodeId !== undefined) expect((await identity.open(PASSPHRASE)).nodeId).toBe(nodeId);
  const network = paths.network('devnet');
  if (existsSync(network.directory)) {
    const state = await openNetworkState(network, 'devnet');
    // A cut is no damage: the file itself must be whole, or not there yet.
    for (const recovered of Object.values(state.recovered)) expect(['whole', 'fresh']).toContain(recovered);
    expectFrom(least('account'), state.account.data, (number) => (number === 0 ? null : accountOf(number)));
    expectFrom(least('floor'), state.floor.data, (number) => ({ config_version: number }));
    const config = await state.readConfig();
    expectFrom(least('config'), config?.toString(), (number) =>
      number === 0 ? undefined : configOf(number).toString(),
    );
  } else expect(least('account')).toBe(0);
  if (existsSync(paths.runtime)) {
    const { store: proven, recovered } = await openProvenRuntime(paths.runtime);
    const { store: failures, recovered: also } = await openRuntimeHistory(paths.runtime);
    for (const how of [recovered, also]) expect(['whole', 'fresh']).toContain(how);
    expectFrom(least('failures'), failures.data, failuresOf);
    expectFrom(least('proven'), proven.data, (number) =>
      number === 0 ? { proven: null } : provenOf(number),
    );
  } else expect([least('failures'), least('proven')]).toEqual([0, 0]);
};
