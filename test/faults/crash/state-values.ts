// What the recorded life of a node's small files writes, numbered, so that a test knows how far it had come.
import type { AccountDocument } from '../../../src/adapters/state/network-state.js';
import type { ProvenRuntime } from '../../../src/adapters/state/proven-runtime.js';
import type { RuntimeHistory } from '../../../src/adapters/state/runtime-history.js';

/** Every file is written so many times. */
export const LAST = 28;

export const PASSPHRASE = 'correct horse battery staple';

export const accountOf = (number: number): AccountDocument => ({
  url: 'https://network.example',
  socket_url: 'wss://network.example/v1/nodes/ws',
  root: 'x'.repeat(1_500),
  genesis: `sha256:${'a'.repeat(64)}`,
  chain_id: 31_337,
  name: 'devnet',
  registered_ms: number,
  node: `0x${'1'.repeat(40)}`,
});

export const configOf = (number: number): Buffer => Buffer.from(`configuration ${number} `.repeat(100));

export const failuresOf = (number: number): RuntimeHistory => ({
  failures: Array.from({ length: number }, (_, at) => ({
    spec_hash: 'b'.repeat(64),
    at_ms: at,
    code: 'RUNTIME_OOM',
    message: 'the engine ran out of memory',
    retryable: true,
    not_before_ms: at,
  })),
});

export const provenOf = (number: number): ProvenRuntime => ({
  proven: {
    settings: `sha256:${'c'.repeat(64)}`,
    spec: {
      specHash: `spec-${number}`,
      engine: 'simulator',
      models: [{ id: 'sim-1', digest: `sha256:${'d'.repeat(64)}`, path: undefined, tasks: ['chat'] }],
      maxConcurrent: 4,
      contextTokens: 4096,
      image: undefined,
      bridgeImage: undefined,
      flags: {},
      gpus: [],
      memoryBytes: undefined,
      sharedMemoryBytes: undefined,
      origin: { network: 'devnet', configDigest: `sha256:${'e'.repeat(64)}` },
    },
  },
});
