// Signs configurations and keeps every one of them. A node fetches them by digest long after they were replaced.
import { z } from 'zod';
import { type ConfigSnapshot, parseConfigSnapshot } from '../../protocol/config-snapshot.js';
import { digestOf } from '../../protocol/digest.js';
import { decodeFrame } from '../../protocol/frame.js';
import { LIMITS } from '../../protocol/limits.js';
import { count, digest, ZERO_ADDRESS } from '../../protocol/primitives.js';
import { ProtocolError } from '../../protocol/protocol-error.js';
import { signDocument } from '../../protocol/signed-document.js';
import type { Clock } from '../scheduler/timing.js';
import type { NetworkStore } from '../store/store.js';
import type { NetworkKeys } from '../trust/network-keys.js';
import { checkDraft } from './check-draft.js';
import { type ConfigPublisher, DEFAULT_EXPIRES_IN_MS, type PublishedConfig } from './config-publisher.js';
import { ConfigDraftError, ConfigReplacedError } from './publishing-errors.js';

/** Snapshots kept parsed: results name the one in force or one of the last few. */
const CACHED = 16;

const stored = z.object({ version: count, digest, document: z.base64() });

export const createConfigPublisher = (
  store: NetworkStore,
  keys: NetworkKeys,
  clock: Clock,
): ConfigPublisher => {
  const byVersion = store.table('configs', stored);
  const versions = store.table('config_digests', z.object({ version: count }));
  const listeners = new Set<(config: PublishedConfig) => void>();
  const cache = new Map<string, PublishedConfig>();

  const remember = (config: PublishedConfig): PublishedConfig => {
    const [oldest] = cache.keys();
    if (cache.size >= CACHED && oldest !== undefined) cache.delete(oldest);
    cache.set(config.digest, config);
    return config;
  };

  const load = (record: z.infer<typeof stored>): PublishedConfig => {
    const document = Buffer.from(record.document, 'base64');
    const { body } = decodeFrame(document, LIMITS.configBytes);
    return { ...record, document, snapshot: parseConfigSnapshot(body, keys.network.name) };
  };

  const newest = (): z.infer<typeof stored> | undefined => {
    const [last] = byVersion.range({ reverse: true, limit: 1 });
    return last?.value;
  };

  const last = newest();
  let current = last === undefined ? undefined : remember(load(last));

  return {
    current: () => current,
    byDigest: (name) => {
      const held = cache.get(name);
      if (held !== undefined || !digest.safeParse(name).success) return held;
      const at = versions.get(name);
      const record = at === undefined ? undefined : byVersion.get(keyOf(at.version));
      return record === undefined ? undefined : remember(load(record));
    },
    publish: async (draft, replaces) => {
      const { expires_in_ms = DEFAULT_EXPIRES_IN_MS, ...content } = checkDraft(draft);
      const published = await store.transaction(() => {
        const issuedMs = clock.nowMs();
        const held = newest()?.version ?? 0;
        if (replaces !== undefined && replaces !== held) throw new ConfigReplacedError(replaces, held);
        const version = held + 1;
        const snapshot: ConfigSnapshot = {
          kind: 'config',
          network: keys.network.name,
          version,
          issued_ms: issuedMs,
          expires_ms: issuedMs + expires_in_ms,
          ...content,
        };
        const body = Buffer.from(JSON.stringify(snapshot));
        insistReadable(body, keys.network.name);
        const facts = {
          kind: 'config',
          role: 'config',
          seq: version,
          timeMs: issuedMs,
          node: ZERO_ADDRESS,
        } as const;
        const document = signDocument(keys.network, facts, body, keys.config);
        const named = digestOf(body);
        byVersion.put(keyOf(version), { version, digest: named, document: document.toString('base64') });
        versions.put(named, { version });
        return { version, digest: named, snapshot, document };
      });
      if (current === undefined || published.version > current.version) current = published;
      remember(published);
      for (const listener of listeners) listener(published);
      return published;
    },
    onPublished: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
};

/** Zero-padded: versions sort as numbers. */
const keyOf = (version: number): string => String(version).padStart(16, '0');

/** What a node could not read is never signed: its size and the number of its fields are bounded as well. */
const insistReadable = (body: Uint8Array, network: string): void => {
  try {
    parseConfigSnapshot(body, network);
  } catch (caught) {
    if (!(caught instanceof ProtocolError)) throw caught;
    throw new ConfigDraftError([{ field: '', reason: `nodes would refuse it: ${caught.message}` }]);
  }
};
