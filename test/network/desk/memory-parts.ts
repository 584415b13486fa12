// Registry, ledger and publisher in memory, for tests that are about what happens between them.
import { NodeError } from '../../../src/errors.js';
import type { Ledger, LedgerEntry, Settlement } from '../../../src/network/ledger/ledger.js';
import type { ConfigPublisher, PublishedConfig } from '../../../src/network/publishing/config-publisher.js';
import type { NodeRecord, NodeRegistry } from '../../../src/network/registry/node-registry.js';
import type { ConfigSnapshot } from '../../../src/protocol/config-snapshot.js';
import { digestOf } from '../../../src/protocol/digest.js';
import type { Standing } from '../../../src/protocol/messages/session.js';
import { HARDWARE } from '../io/scripted-node.js';

class NoCreditsError extends NodeError {
  readonly code = 'INSUFFICIENT_CREDITS';
  readonly retryable = false;
}

const OWNER = { kind: 'wallet', address: `0x${'11'.repeat(20)}` } as const;

export class MemoryRegistry implements NodeRegistry {
  readonly #records = new Map<string, NodeRecord>();
  readonly #listeners = new Set<(record: NodeRecord) => void>();

  /** Registers and binds in one go. */
  add(node: string, change: Partial<NodeRecord> = {}): void {
    this.#records.set(node.toLowerCase(), {
      node,
      revision: 1,
      registered_ms: 0,
      agent_version: '0.1.0',
      hardware: HARDWARE,
      engines: ['simulator'],
      owner: OWNER,
      exclusion: null,
      last_seen_ms: 0,
      last_receipt: null,
      strikes: 0,
      ...change,
    });
  }
  find(node: string): NodeRecord | undefined {
    return this.#records.get(node.toLowerCase());
  }
  list(): readonly NodeRecord[] {
    return [...this.#records.values()];
  }
  register(): Promise<NodeRecord> {
    throw new Error('not used here');
  }
  bind(): Promise<NodeRecord> {
    throw new Error('not used here');
  }
  async update(node: string, change: (record: NodeRecord) => NodeRecord): Promise<NodeRecord> {
    const record = this.find(node);
    if (record === undefined) throw new Error(`unknown node ${node}`);
    const changed = change(record);
    this.#records.set(node.toLowerCase(), changed);
    for (const listener of this.#listeners) listener(changed);
    return changed;
  }
  standingOf({ owner, exclusion }: NodeRecord, nowMs: number): Standing {
    if (exclusion !== null && (exclusion.until_ms ?? Number.POSITIVE_INFINITY) > nowMs) return exclusion;
    return { state: owner === null ? 'pending' : 'active' };
  }
  onChange(listener: (record: NodeRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

export class MemoryLedger implements Ledger {
  readonly #entries: LedgerEntry[] = [];
  readonly #available = new Map<string, bigint>();
  readonly #reserved = new Map<string, { readonly namespace: string; readonly amount: bigint }>();
  readonly #earned = new Map<string, bigint>();
  readonly #concluded = new Set<string>();
  readonly settlements: Settlement[] = [];

  async deposit(namespace: string, amount: bigint): Promise<void> {
    this.#available.set(namespace, (this.#available.get(namespace) ?? 0n) + amount);
  }
  async reserve(job: string, namespace: string, amount: bigint): Promise<void> {
    if (this.#reserved.has(job)) return;
    const available = this.#available.get(namespace) ?? 0n;
    if (available < amount) throw new NoCreditsError('not enough credits');
    this.#available.set(namespace, available - amount);
    this.#reserved.set(job, { namespace, amount });
  }
  settleNow(settlement: Settlement): bigint | undefined {
    const price = this.price(settlement.usage);
    const charged = this.#conclude(settlement.job, price);
    if (charged === undefined) return undefined;
    this.settlements.push(settlement);
    this.#earned.set(settlement.node, (this.#earned.get(settlement.node) ?? 0n) + charged);
    return charged;
  }
  releaseNow(job: string): void {
    this.#conclude(job, 0n);
  }
  balance(namespace: string): { available: bigint; reserved: bigint } {
    const open = [...this.#reserved].filter(
      ([job, one]) => one.namespace === namespace && !this.#concluded.has(job),
    );
    return {
      available: this.#available.get(namespace) ?? 0n,
      reserved: open.reduce((sum, [, { amount }]) => sum + amount, 0n),
    };
  }
  earned(node: string): bigint {
    return this.#earned.get(node) ?? 0n;
  }
  entries(): readonly LedgerEntry[] {
    return this.#entries;
  }
  price({ prompt_tokens, completion_tokens }: Settlement['usage']): bigint {
    return BigInt(prompt_tokens) + 2n * BigInt(completion_tokens);
  }
  #conclude(job: string, price: bigint): bigint | undefined {
    const reserved = this.#reserved.get(job);
    if (reserved === undefined || this.#concluded.has(job)) return undefined;
    this.#concluded.add(job);
    const charged = price < reserved.amount ? price : reserved.amount;
    const { namespace, amount } = reserved;
    this.#available.set(namespace, (this.#available.get(namespace) ?? 0n) + amount - charged);
    return charged;
  }
}

export class MemoryPublisher implements ConfigPublisher {
  readonly #all = new Map<string, PublishedConfig>();
  readonly #listeners = new Set<(config: PublishedConfig) => void>();
  #current: PublishedConfig | undefined;

  current(): PublishedConfig | undefined {
    return this.#current;
  }
  byDigest(digest: string): PublishedConfig | undefined {
    return this.#all.get(digest);
  }
  put(snapshot: ConfigSnapshot): PublishedConfig {
    const document = Buffer.from(JSON.stringify(snapshot));
    const config = { version: snapshot.version, digest: digestOf(document), snapshot, document };
    this.#all.set(config.digest, config);
    this.#current = config;
    for (const listener of this.#listeners) listener(config);
    return config;
  }
  publish(): Promise<PublishedConfig> {
    throw new Error('not used here');
  }
  onPublished(listener: (config: PublishedConfig) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
