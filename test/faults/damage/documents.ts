// The small documents, as a life of the node writes and opens them.
import { join } from 'node:path';
import { dataPaths } from '../../../src/adapters/state/data-paths.js';
import type { Recovery } from '../../../src/adapters/state/document-recovery.js';
import type { DocumentStore } from '../../../src/adapters/state/document-store.js';
import { openNetworkState } from '../../../src/adapters/state/network-state.js';
import { openProvenRuntime } from '../../../src/adapters/state/proven-runtime.js';
import { openRuntimeHistory } from '../../../src/adapters/state/runtime-history.js';
import { provenOf } from '../crash/state-values.js';

export interface Opened {
  readonly data: unknown;
  readonly recovered: Recovery;
}

export interface Subject {
  readonly name: 'account.json' | 'failures.json' | 'floor.json' | 'order.json' | 'proven.json';
  readonly path: (root: string) => string;
  readonly open: (root: string) => Promise<Opened>;
  /** Writes what a life writes, oldest first. */
  readonly live: (root: string) => Promise<readonly unknown[]>;
  /** What it begins anew with; undefined where it is refused instead. */
  readonly anew?: unknown;
}

export const network = (root: string) => dataPaths(root).network('devnet');

const account = (registered_ms: number | null) => ({
  url: 'https://network.example',
  socket_url: 'wss://network.example/v1/nodes/ws',
  root: '{"keys":["a"]}',
  genesis: `sha256:${'a'.repeat(64)}`,
  chain_id: 31_337,
  name: 'devnet',
  registered_ms,
  node: `0x${'1'.repeat(40)}`,
});
const failure = (at_ms: number) => ({
  spec_hash: 'b'.repeat(64),
  at_ms,
  code: 'RUNTIME_OOM',
  message: 'the engine ran out of memory',
  retryable: true,
  not_before_ms: at_ms + 5_000,
});

const rest = (kind: 'drain' | 'pause', by: 'owner' | 'network', until_ms: number | null) => ({
  kind,
  by,
  note: by === 'owner' ? 'gaming' : null,
  since_ms: 1_600_000_000_000,
  until_ms,
});

/** Without what is named and not there. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const writeEach = async <T>(store: DocumentStore<T>, values: readonly T[]): Promise<readonly T[]> => {
  const written: T[] = [];
  for (const value of values) written.push(await store.update(() => value));
  return written;
};

export const DOCUMENTS: readonly Subject[] = [
  {
    name: 'floor.json',
    path: (root) => network(root).floor,
    open: async (root) => {
      const { floor, recovered } = await openNetworkState(network(root), 'devnet');
      return { data: floor.data, recovered: recovered.floor };
    },
    live: async (root) => {
      const { floor } = await openNetworkState(network(root), 'devnet');
      return writeEach(
        floor,
        [1, 2, 30].map((config_version) => ({ config_version })),
      );
    },
  },
  {
    name: 'order.json',
    path: (root) => network(root).order,
    open: async (root) => {
      const { order, recovered } = await openNetworkState(network(root), 'devnet');
      return { data: order.data, recovered: recovered.order };
    },
    live: async (root) => {
      const { order } = await openNetworkState(network(root), 'devnet');
      return writeEach(order, [
        rest('drain', 'network', null),
        null,
        rest('pause', 'owner', 1_700_000_000_000),
      ]);
    },
    anew: null,
  },
  {
    name: 'account.json',
    path: (root) => network(root).account,
    open: async (root) => {
      const state = await openNetworkState(network(root), 'devnet');
      return { data: state.account.data, recovered: state.recovered.account };
    },
    live: async (root) => {
      const state = await openNetworkState(network(root), 'devnet');
      return writeEach(state.account, [account(null), account(1_700_000_000_000)]);
    },
  },
  {
    name: 'failures.json',
    anew: { failures: [] },
    path: (root) => join(dataPaths(root).runtime, 'failures.json'),
    open: async (root) => {
      const { store, recovered } = await openRuntimeHistory(dataPaths(root).runtime);
      return { data: store.data, recovered };
    },
    live: async (root) => {
      const { store } = await openRuntimeHistory(dataPaths(root).runtime);
      return writeEach(
        store,
        [1, 2, 3].map((count) => ({ failures: Array.from({ length: count }, (_, at) => failure(at)) })),
      );
    },
  },
  {
    name: 'proven.json',
    anew: { proven: null },
    path: (root) => join(dataPaths(root).runtime, 'proven.json'),
    open: async (root) => {
      const { store, recovered } = await openProvenRuntime(dataPaths(root).runtime);
      return { data: asJson(store.data), recovered };
    },
    live: async (root) => {
      const { store } = await openProvenRuntime(dataPaths(root).runtime);
      return (await writeEach(store, [1, 2, 3].map(provenOf))).map(asJson);
    },
  },
];
