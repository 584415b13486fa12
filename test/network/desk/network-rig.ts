// A whole network core on a loopback port with a store on disk, and nodes to connect to it.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { CoreOptions } from '../../../src/network/desk/core-options.js';
import type { JobEvent, JobHandle, JobOrder } from '../../../src/network/desk/job-desk.js';
import { createNetworkCore, type NetworkCore } from '../../../src/network/desk/network-core.js';
import { type AuditedLedger, createLedger } from '../../../src/network/ledger/create-ledger.js';
import type {
  ConfigDraft,
  ConfigPublisher,
  PublishedConfig,
} from '../../../src/network/publishing/config-publisher.js';
import { createConfigPublisher } from '../../../src/network/publishing/create-config-publisher.js';
import { createNodeRegistry } from '../../../src/network/registry/create-node-registry.js';
import type { NodeRecord, NodeRegistry } from '../../../src/network/registry/node-registry.js';
import { type NetworkStore, openStore } from '../../../src/network/store/store.js';
import type { NetworkKeys } from '../../../src/network/trust/network-keys.js';
import type { ModelEntry } from '../../../src/protocol/config-snapshot.js';
import { digestOf } from '../../../src/protocol/digest.js';
import type { MessageBody } from '../../../src/protocol/messages/catalogue.js';
import { modelDigest } from '../../../src/protocol/model-manifest.js';
import { createSigner } from '../../../src/protocol/signer.js';
import { HARDWARE, ScriptedNode, type ScriptedNodeOptions } from '../io/scripted-node.js';
import { ManualTime } from '../scheduler/manual-time.js';

/** Deterministic keys: 1 is the network's, nodes begin at 2. */
const signerOf = (n: number) => createSigner(`0x${n.toString(16).padStart(64, '0')}`);

const online = signerOf(1);
const ROLE = { keys: [online.address], threshold: 1 };
export const KEYS: NetworkKeys = {
  network: { name: 'devnet', chainId: 31337, genesis: digestOf('genesis') },
  root: {
    kind: 'root',
    network: 'devnet',
    chain_id: 31337,
    version: 1,
    issued_ms: 0,
    roles: { online: ROLE, config: ROLE },
  },
  rootBytes: Buffer.from('genesis'),
  online,
  config: [online],
};

export const MODEL = { id: 'tiny', digest: modelDigest({ id: 'tiny', version: '1', files: [] }) };
export const NAMESPACE = 'acme';
export const START_CREDITS = 1_000_000n;
const PRICES = { promptToken: 1n, completionToken: 2n };
const OWNER = { kind: 'wallet', address: `0x${'11'.repeat(20)}` } as const;
/** What a bound node is told. */
export const ACCOUNT = { kind: 'wallet', label: '0x1111…1111' };
export const ACTIVE = { state: 'active', account: ACCOUNT };

export const MODEL_ENTRY: ModelEntry = {
  id: MODEL.id,
  version: '1',
  digest: MODEL.digest,
  files: [],
  tasks: ['chat', 'completion'],
  engines: ['simulator'],
  context_tokens: 4096,
  min_vram_bytes: 0,
  enabled: true,
  test: { endpoint: 'chat.completions', request: {}, timeout_ms: 10_000 },
};

export const DRAFT: ConfigDraft = {
  models: [MODEL_ENTRY],
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

export class NetworkRig {
  readonly #nodes: ScriptedNode[] = [];
  registry: NodeRegistry;
  ledger: AuditedLedger;
  publisher: ConfigPublisher;
  core: NetworkCore;

  private constructor(
    readonly path: string,
    readonly time: ManualTime,
    readonly config: PublishedConfig,
    readonly server: Server,
    public store: NetworkStore,
    readonly options: Partial<CoreOptions>,
  ) {
    this.registry = createNodeRegistry(store);
    this.ledger = createLedger(store, PRICES, time);
    this.publisher = createConfigPublisher(store, KEYS, time);
    this.core = this.#build();
    server.on('upgrade', (request, socket, head) => this.core.handleUpgrade(request, socket, head));
  }

  static async start(options: Partial<CoreOptions> = {}): Promise<NetworkRig> {
    const path = await mkdtemp(join(tmpdir(), 'network-core-'));
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const time = new ManualTime();
    const store = openStore(path);
    const config = await createConfigPublisher(store, KEYS, time).publish(DRAFT);
    const rig = new NetworkRig(path, time, config, server, store, options);
    await rig.ledger.deposit(NAMESPACE, START_CREDITS);
    return rig;
  }

  #build(): NetworkCore {
    const { store, registry, ledger, publisher, options, time } = this;
    return createNetworkCore({
      store,
      keys: KEYS,
      registry,
      ledger,
      publisher,
      clock: time,
      timers: time,
      rng: () => 0,
      logger: pino({ level: 'silent' }),
      origins: [],
      options,
    });
  }

  get desk() {
    return this.core.desk;
  }
  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The process of the network ends and another one starts on the same store. */
  async restart(): Promise<void> {
    await this.core.close();
    await this.store.close();
    this.store = openStore(this.path);
    this.registry = createNodeRegistry(this.store);
    this.ledger = createLedger(this.store, PRICES, this.time);
    this.publisher = createConfigPublisher(this.store, KEYS, this.time);
    this.core = this.#build();
  }

  nodeOptions(n: number, change: Partial<ScriptedNodeOptions> = {}): ScriptedNodeOptions {
    return {
      origin: `ws://127.0.0.1:${this.port}`,
      network: KEYS.network,
      signer: signerOf(n),
      onlineKeys: [online.address],
      configDigest: this.config.digest,
      configVersion: this.config.version,
      models: [MODEL],
      nowMs: () => this.time.nowMs(),
      ...change,
    };
  }

  /** Registers, and binds unless `owner` is null. */
  async enrol(
    node: string,
    { owner = OWNER, exclusion = null }: Partial<Pick<NodeRecord, 'owner' | 'exclusion'>> = {},
  ): Promise<void> {
    const registration = {
      nonce: `0x${'0'.repeat(64)}`,
      node,
      public_key: `0x04${'0'.repeat(128)}`,
      agent_version: '0.1.0',
      protocol: 1,
      hardware: HARDWARE,
      engines: ['simulator'],
    };
    await this.registry.register(registration, this.time.nowMs());
    if (owner !== null) await this.registry.bind(node, owner);
    if (exclusion !== null) await this.registry.update(node, (record) => ({ ...record, exclusion }));
  }

  /** Registered, bound, connected. */
  async join(n = 2, hello: Partial<MessageBody<'hello'>> = {}): Promise<ScriptedNode> {
    const options = this.nodeOptions(n);
    if (this.registry.find(options.signer.address) === undefined) await this.enrol(options.signer.address);
    const node = await ScriptedNode.join(options, hello);
    this.#nodes.push(node);
    return node;
  }

  /** Connected and ready for jobs. */
  async worker(n = 2, credits = 4): Promise<ScriptedNode> {
    const node = await this.join(n);
    await node.offerCapacity(credits);
    return node;
  }

  /** Time passes while these nodes go on saying that they live. */
  async pass(ms: number, ...nodes: readonly ScriptedNode[]): Promise<void> {
    for (let left = ms; left > 0; left -= 5_000) {
      this.time.advance(Math.min(left, 5_000));
      for (const node of nodes) await node.heartbeat();
    }
  }

  submit(change: Partial<JobOrder> = {}): Promise<JobHandle> {
    return this.desk.submit({ ...chatOrder(), ...change });
  }

  async stop(): Promise<void> {
    for (const node of this.#nodes) node.socket.terminate();
    await this.core.close();
    await this.store.close();
    this.server.close();
    await rm(this.path, { recursive: true });
  }
}

export const chatOrder = (content = 'hello', max_tokens = 64): JobOrder => ({
  namespace: NAMESPACE,
  request: {
    endpoint: 'chat.completions',
    body: { model: MODEL.id, messages: [{ role: 'user', content }], max_tokens },
  },
  mode: 'sync',
  ttlMs: 60_000,
  priority: 5,
});

export const streamOrder = (): JobOrder => ({ ...chatOrder(), mode: 'stream' });

/** All events until the end. */
export const eventsOf = async (handle: JobHandle): Promise<JobEvent[]> => {
  const events: JobEvent[] = [];
  for await (const event of handle.events) events.push(event);
  return events;
};

export const endOf = async (handle: JobHandle): Promise<JobEvent | undefined> =>
  (await eventsOf(handle)).at(-1);
