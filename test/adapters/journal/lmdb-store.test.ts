// A disk that fills up: refused before LMDB writes, except for what makes room.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LmdbStore } from '../../../src/adapters/journal/lmdb-store.js';

let dir: string;
let store: LmdbStore;
let free = Number.MAX_SAFE_INTEGER;
beforeEach(async () => {
  free = Number.MAX_SAFE_INTEGER;
  dir = await mkdtemp(join(tmpdir(), 'lmdb-store-'));
  store = new LmdbStore({ path: dir, isFile: false, space: () => ({ freeBytes: free, totalBytes: 1e12 }) });
});
afterEach(async () => {
  await store.close();
  await rm(dir, { recursive: true });
});

const output = (bytes: number) => ({ table: 'outputs', key: 'a', value: Buffer.alloc(bytes, 1) }) as const;

test('refuses what a full disk could not take, and takes it once there is room', async () => {
  free = 300_000;
  await expect(store.commit([output(100_000)])).rejects.toMatchObject({
    code: 'JOURNAL',
    cause: { code: 'ENOSPC' },
    advice: expect.stringContaining('Free space'),
  });
  expect(store.get('outputs', 'a')).toBeUndefined();
  free = 1_000_000;
  await store.commit([output(100_000)]);
  expect(store.get('outputs', 'a')).toHaveLength(100_000);
});

test('lets through what takes away more than it adds', async () => {
  await store.commit([output(100_000)]);
  free = 100_000;
  await expect(store.commit([{ table: 'records', key: 'a', value: Buffer.from('r') }])).rejects.toThrow();
  await store.commit([
    { table: 'outputs', key: 'a', value: undefined },
    { table: 'records', key: 'a', value: Buffer.from('acknowledged') },
  ]);
  expect(store.count('outputs')).toBe(0);
  expect(store.get('records', 'a')).toEqual(Buffer.from('acknowledged'));
  free = 0; // not even that: LMDB itself would need a page or two
  await expect(store.commit([{ table: 'records', key: 'a', value: undefined }])).rejects.toMatchObject({
    cause: { code: 'ENOSPC' },
  });
});
