// What the recorded life of a node's small files writes, numbered, so that a test knows how far it had come.
import type { AccountDocument } from '../../../src/adapters/state/network-state.js';
import type { RuntimeHistory } from '../../../src/adapters/state/runtime-history.js';

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
