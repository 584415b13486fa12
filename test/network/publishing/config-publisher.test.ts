import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ConfigPublisher, PublishedConfig } from '../../../src/network/publishing/config-publisher.js';
import { createConfigPublisher } from '../../../src/network/publishing/create-config-publisher.js';
import { ConfigDraftError } from '../../../src/network/publishing/publishing-errors.js';
import { type NetworkStore, openStore } from '../../../src/network/store/store.js';
import { loadOrCreateNetworkKeys } from '../../../src/network/trust/load-network-keys.js';
import type { NetworkKeys } from '../../../src/network/trust/network-keys.js';
import { parseConfigSnapshot } from '../../../src/protocol/config-snapshot.js';
import { digestOf } from '../../../src/protocol/digest.js';
import { LIMITS } from '../../../src/protocol/limits.js';
import { manifestDigest } from '../../../src/protocol/model-manifest.js';
import { verifyDocument } from '../../../src/protocol/signed-document.js';
import { goodDraft } from './draft.js';

const NOW = 1_700_000_000_000;
let path: string;
let store: NetworkStore;
let keys: NetworkKeys;
let publisher: ConfigPublisher;
const clock = { nowMs: () => NOW };

beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'publishing-'));
  store = openStore(join(path, 'store'));
  keys = await loadOrCreateNetworkKeys(join(path, 'keys'), { name: 'devnet', chainId: 31337, nowMs: NOW });
  publisher = createConfigPublisher(store, keys, clock);
});
afterEach(async () => {
  await store.close();
  await rm(path, { recursive: true });
});

const verify = ({ document }: PublishedConfig) =>
  verifyDocument(document, keys.network, keys.root, {
    kind: 'config',
    role: 'config',
    maxBytes: LIMITS.configBytes,
  });

test('publishes a snapshot that any node can verify and read', async () => {
  expect(publisher.current()).toBeUndefined();
  const published = await publisher.publish(goodDraft);
  const { header, body } = verify(published);
  expect(header).toMatchObject({ t: 'config', n: 1, ts: NOW });
  expect(published.digest).toBe(digestOf(body));
  expect(parseConfigSnapshot(body, 'devnet')).toEqual(published.snapshot);
  expect(published.snapshot).toEqual({
    kind: 'config',
    network: 'devnet',
    version: 1,
    issued_ms: NOW,
    expires_ms: NOW + 30 * 86_400_000,
    ...goodDraft,
  });
  expect(publisher.current()).toBe(published);
});

test('raises the version with every publication, also of equal drafts at once and over a restart', async () => {
  const drafts = Array.from({ length: 4 }, () => publisher.publish(goodDraft));
  expect((await Promise.all(drafts)).map(({ version }) => version)).toEqual([1, 2, 3, 4]);
  expect(publisher.current()?.version).toBe(4);
  await store.close();
  store = openStore(join(path, 'store'));
  const again = createConfigPublisher(store, keys, clock);
  expect(again.current()?.version).toBe(4);
  expect((await again.publish({ ...goodDraft, expires_in_ms: 60_000 })).snapshot).toMatchObject({
    version: 5,
    expires_ms: NOW + 60_000,
  });
});

test('keeps every snapshot by its digest, byte for byte', async () => {
  const published: PublishedConfig[] = [];
  for (let n = 0; n < 20; n++) published.push(await publisher.publish(goodDraft));
  await store.close();
  store = openStore(join(path, 'store'));
  const again = createConfigPublisher(store, keys, clock);
  for (const one of published) expect(again.byDigest(one.digest)).toEqual(one);
  expect(again.byDigest(`sha256:${'0'.repeat(64)}`)).toBeUndefined();
  expect(again.byDigest('')).toBeUndefined();
});

test('tells listeners of a snapshot once it is stored', async () => {
  const heard: string[] = [];
  const leave = publisher.onPublished(({ digest }) =>
    heard.push(publisher.byDigest(digest)?.digest ?? 'unknown'),
  );
  const { digest } = await publisher.publish(goodDraft);
  leave();
  await publisher.publish(goodDraft);
  expect(heard).toEqual([digest]);
});

test('publishes nothing from a draft at fault and names its fields', async () => {
  await publisher.publish(goodDraft);
  const bad = { ...goodDraft, ttl: { ...goodDraft.ttl, heartbeat_ms: 10 } };
  const refused = publisher.publish(bad);
  await expect(refused).rejects.toThrow(ConfigDraftError);
  await expect(refused).rejects.toMatchObject({ faults: [{ field: 'ttl.heartbeat_ms' }] });
  expect(publisher.current()?.version).toBe(1);
});

test('signs nothing that a node would refuse for its size', async () => {
  const files = Array.from({ length: 3_000 }, (_, n) => ({
    path: `part-${String(n).padStart(5, '0')}.safetensors`,
    size_bytes: 1,
    sha256: `sha256:${'c'.repeat(64)}`,
    sources: ['https://models.example.org/x'],
  }));
  const [model] = goodDraft.models;
  if (model === undefined) throw new Error('the draft has a model');
  const draft = { ...goodDraft, models: [{ ...model, files, digest: manifestDigest(files) }] };
  await expect(publisher.publish(draft)).rejects.toThrow(
    /nodes would refuse it: JSON with more than 10000 keys/,
  );
  expect(publisher.current()).toBeUndefined();
});
