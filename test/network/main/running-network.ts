// A whole network in a temporary directory, with a configuration, a client's key, and nodes to serve it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import { pino } from 'pino';
import type { NetworkOptions } from '../../../src/network/main/network-options.js';
import { type RunningNetwork, startNetwork } from '../../../src/network/main/start-network.js';
import type { ConfigDraft } from '../../../src/network/publishing/config-publisher.js';
import { digestOf } from '../../../src/protocol/digest.js';
import { modelDigest } from '../../../src/protocol/model-manifest.js';
import { createSigner } from '../../../src/protocol/signer.js';
import { HARDWARE, ScriptedNode } from '../io/scripted-node.js';

const files = [
  {
    path: 'model.safetensors',
    size_bytes: 4,
    sha256: digestOf('tiny'),
    sources: ['https://example.org/tiny'],
  },
];
const digest = modelDigest({ id: 'tiny', version: '1', files });

export const DRAFT: ConfigDraft = {
  models: [
    {
      id: 'tiny',
      version: '1',
      digest,
      files,
      tasks: ['chat', 'completion'],
      engines: ['simulator'],
      context_tokens: 4096,
      min_vram_bytes: 0,
      enabled: true,
      test: { endpoint: 'chat.completions', request: { messages: [] }, timeout_ms: 10_000 },
    },
  ],
  runtimes: [{ engine: 'simulator', max_concurrent: 4 }],
  jobs: { max_output_tokens: 1024, max_input_bytes: 100_000, queue_max: 4, exec_timeout_ms: 120_000 },
  ttl: {
    heartbeat_ms: 5_000,
    outbox_ms: 86_400_000,
    retest_ms: 3_600_000,
    retry_base_ms: 1_000,
    retry_cap_ms: 60_000,
  },
  reports: { interval_ms: 60_000, segment_bytes: 65_536 },
  versions: { agent_min: '0.1.0', agent_latest: '0.1.0' },
};

export class NetworkInDirectory {
  readonly #nodes: ScriptedNode[] = [];
  network: RunningNetwork;

  private constructor(
    readonly dir: string,
    network: RunningNetwork,
  ) {
    this.network = network;
  }

  static async start(options: Partial<NetworkOptions> = {}): Promise<NetworkInDirectory> {
    const dir = await mkdtemp(join(tmpdir(), 'network-'));
    return new NetworkInDirectory(dir, await start({ dataDir: dir, ...options }));
  }

  /** Stops and starts on the same directory, port included. */
  async restart(): Promise<void> {
    const port = Number(new URL(this.network.url).port);
    await this.network.close();
    this.network = await start({ dataDir: this.dir, port });
  }

  /** An account with a credit and a key. */
  async client(name = 'acme'): Promise<{ openai: OpenAI; secret: string; namespace: string }> {
    const { accounts, ledger, url } = this.network;
    const { namespaces } = await accounts.createAccount(name);
    const namespace = namespaces[0] ?? '';
    await ledger.deposit(namespace, 1_000_000n);
    const { secret } = await accounts.createKey(namespace);
    return {
      openai: new OpenAI({ apiKey: secret, baseURL: `${url}/v1`, maxRetries: 0 }),
      secret,
      namespace,
    };
  }

  /** Registered, bound, connected, with room for jobs. @param n which of the deterministic keys */
  async worker(n = 2): Promise<ScriptedNode> {
    const { network, registry, publisher, url } = this.network;
    const signer = createSigner(`0x${n.toString(16).padStart(64, '0')}`);
    if (registry.find(signer.address) === undefined) {
      const registration = {
        nonce: `0x${'0'.repeat(64)}`,
        node: signer.address,
        public_key: `0x04${'0'.repeat(128)}`,
        agent_version: '0.1.0',
        protocol: 1,
        hardware: HARDWARE,
        engines: ['simulator'],
      };
      await registry.register(registration, Date.now());
      await registry.bind(signer.address, { kind: 'wallet', address: `0x${'11'.repeat(20)}` });
    }
    const config = publisher.current();
    const node = await ScriptedNode.join({
      origin: url.replace('http', 'ws'),
      network,
      signer,
      onlineKeys: this.network.onlineKeys,
      configDigest: config?.digest ?? null,
      configVersion: config?.version ?? 0,
      models: [{ id: 'tiny', digest }],
    });
    this.#nodes.push(node);
    await node.offerCapacity(4);
    return node;
  }

  async stop(): Promise<void> {
    for (const node of this.#nodes) node.socket.terminate();
    await this.network.close();
    await rm(this.dir, { recursive: true });
  }
}

const start = (options: NetworkOptions): Promise<RunningNetwork> =>
  startNetwork({ port: 0, pagePort: 0, ...options }, { logger: pino({ level: 'silent' }) });
