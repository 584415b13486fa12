// The keys, networks and bodies all vectors and protocol tests are made of: fixed seeds, no clock, no randomness.
import type { ConfigSnapshot } from '../../src/protocol/config-snapshot.js';
import { bytes32Of, digestOf, sha256 } from '../../src/protocol/digest.js';
import { manifestDigest, modelDigest } from '../../src/protocol/model-manifest.js';
import type { NetworkId } from '../../src/protocol/network-id.js';
import { NO_DIGEST, type Receipt } from '../../src/protocol/receipt.js';
import { createSigner } from '../../src/protocol/signer.js';
import type { TrustRoot } from '../../src/protocol/trust-root.js';

/** A private key anyone can make again: SHA-256 of a name. Worth nothing, and never to be used for anything else. */
export const keyOf = (name: string): string => `0x${sha256(`resultity test key ${name}`).toString('hex')}`;

export const NODE = createSigner(keyOf('node'));
export const OTHER_NODE = createSigner(keyOf('other node'));
export const ONLINE = createSigner(keyOf('online'));
export const CONFIG_KEYS = [
  createSigner(keyOf('config 1')),
  createSigner(keyOf('config 2')),
  createSigner(keyOf('config 3')),
] as const;
export const OWNER = createSigner(keyOf('owner'));

/** 2026-01-01T00:00:00Z; vectors know no other time. */
export const TIME_MS = 1_767_225_600_000;

export const ROOT: TrustRoot = {
  kind: 'root',
  network: 'devnet',
  chain_id: 31_337,
  version: 1,
  issued_ms: TIME_MS,
  roles: {
    online: { keys: [ONLINE.address], threshold: 1 },
    config: { keys: CONFIG_KEYS.map(({ address }) => address), threshold: 2 },
  },
};
export const ROOT_BYTES = Buffer.from(JSON.stringify(ROOT));

export const NETWORK: NetworkId = { name: 'devnet', chainId: 31_337, genesis: digestOf(ROOT_BYTES) };

/** Networks that differ from {@link NETWORK} in one thing each. */
export const OTHER_NETWORKS: Readonly<Record<'name' | 'chainId' | 'genesis', NetworkId>> = {
  name: { ...NETWORK, name: 'testnet' },
  chainId: { ...NETWORK, chainId: 1 },
  genesis: { ...NETWORK, genesis: digestOf('another root') },
};

export const SESSION = bytes32Of('a session');
export const JOB = '01JGFJJZ00TESTTESTTESTTEST';

export const FILES = [
  {
    path: 'config.json',
    size_bytes: 2,
    sha256: digestOf('{}'),
    sources: ['https://models.example/tiny/config.json'],
  },
  {
    path: 'weights/model.safetensors',
    size_bytes: 5,
    sha256: digestOf('tiny!'),
    sources: ['https://models.example/tiny/model.safetensors', 'file:///srv/models/tiny/model.safetensors'],
  },
];

export const CONFIG: ConfigSnapshot = {
  kind: 'config',
  network: 'devnet',
  version: 7,
  issued_ms: TIME_MS,
  expires_ms: TIME_MS + 30 * 24 * 3_600_000,
  models: [
    {
      id: 'tiny',
      version: '1',
      digest: manifestDigest(FILES),
      files: FILES,
      tasks: ['chat', 'completion'],
      engines: ['vllm'],
      context_tokens: 8192,
      min_vram_bytes: 0,
      enabled: true,
      test: {
        endpoint: 'chat.completions',
        request: { model: 'tiny', messages: [{ role: 'user', content: 'Say yes.' }] },
        timeout_ms: 60_000,
      },
    },
    {
      id: 'vectors',
      version: '2',
      digest: modelDigest({ id: 'vectors', version: '2', files: [] }),
      files: [],
      tasks: ['embedding'],
      engines: ['simulator'],
      context_tokens: 512,
      min_vram_bytes: 0,
      enabled: true,
      test: { endpoint: 'embeddings', request: { model: 'vectors', input: 'yes' }, timeout_ms: 60_000 },
    },
  ],
  runtimes: [{ engine: 'vllm', max_concurrent: 16 }],
  jobs: { max_output_tokens: 4096, max_input_bytes: 1_048_576, queue_max: 8, exec_timeout_ms: 600_000 },
  ttl: {
    heartbeat_ms: 15_000,
    outbox_ms: 86_400_000,
    retest_ms: 3_600_000,
    retry_base_ms: 1_000,
    retry_cap_ms: 60_000,
  },
  reports: { interval_ms: 60_000, segment_bytes: 1_048_576 },
  versions: { agent_min: '0.1.0', agent_latest: '0.1.0' },
};

export const RECEIPT: Receipt = {
  job: JOB,
  attempt: 1,
  node: NODE.address,
  session: SESSION,
  config_version: 7,
  config_digest: digestOf(JSON.stringify(CONFIG)),
  model: 'tiny',
  model_digest: manifestDigest(FILES),
  runtime_digest: NO_DIGEST,
  agent_version: '0.1.0',
  request_digest: digestOf('the exact bytes of the offer'),
  output_digest: digestOf('{"choices":[]}\n'),
  output_bytes: 15,
  stream_head: bytes32Of('the head of the chain'),
  chunk_count: 1,
  prompt_tokens: 12,
  completion_tokens: 34,
  finish_reason: 'stop',
  outcome: 'completed',
  accepted_ms: TIME_MS,
  queue_ms: 3,
  first_token_ms: 50,
  total_ms: 400,
  seq: 1,
  previous: NO_DIGEST,
};
