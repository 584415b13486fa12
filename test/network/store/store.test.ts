import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { open } from 'lmdb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { type NetworkStore, openStore } from '../../../src/network/store/store.js';
import { CorruptRecordError, UnreadableRecordError } from '../../../src/network/store/store-errors.js';

const row = z.object({ a: z.number() });
let path: string;
let store: NetworkStore;

beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'store-'));
  store = openStore(path);
});

afterEach(async () => {
  await store.close();
  await rm(path, { recursive: true });
});

test('keeps records over a close and an open', async () => {
  const table = store.table('rows', row);
  await store.transaction(() => table.put('k', { a: 1 }));
  await store.close();
  store = openStore(path);
  expect(store.table('rows', row).get('k')).toEqual({ a: 1 });
});

test('rolls everything back when the work throws, and nothing of its neighbours in the same batch', async () => {
  const table = store.table('rows', row);
  const other = store.table('others', row);
  await store.transaction(() => table.put('k', { a: 1 }));
  const results = await Promise.allSettled([
    store.transaction(() => table.put('before', { a: 2 })),
    store.transaction(() => {
      table.put('k', { a: 9 });
      other.put('new', { a: 9 });
      table.remove('before');
      throw new Error('boom');
    }),
    store.transaction(() => [table.get('k'), other.get('new'), table.get('before')]),
  ]);
  expect(results[1]).toMatchObject({ status: 'rejected', reason: { message: 'boom' } });
  expect(results[2]).toEqual({ status: 'fulfilled', value: [{ a: 1 }, undefined, { a: 2 }] });
  expect([...table.range()]).toEqual([
    { key: 'before', value: { a: 2 } },
    { key: 'k', value: { a: 1 } },
  ]);
});

test('shows work its own writes before they are on disk', async () => {
  const table = store.table('rows', row);
  await store.transaction(() => table.put('b', { a: 1 }));
  const seen = await store.transaction(() => {
    table.put('a', { a: 2 });
    table.remove('b');
    table.put('c', { a: 3 });
    return {
      b: table.get('b'),
      all: [...table.range()].map(({ key }) => key),
      last: [...table.range({ reverse: true, limit: 1 })],
    };
  });
  expect(seen).toEqual({ b: undefined, all: ['a', 'c'], last: [{ key: 'c', value: { a: 3 } }] });
});

test('ranges inside a transaction equal the ranges after it', async () => {
  const table = store.table('rows', row);
  const key = fc.stringMatching(/^[a-dé]{1,3}$/u);
  const changes = fc.array(fc.tuple(key, fc.option(fc.nat(), { nil: null })), { maxLength: 12 });
  const bounds = fc.record(
    { start: key, exclusiveStart: fc.boolean(), end: key, limit: fc.nat(5), reverse: fc.boolean() },
    { requiredKeys: [] },
  );
  const write = (rows: readonly (readonly [string, number | null])[]) => {
    for (const [k, a] of rows) a === null ? table.remove(k) : table.put(k, { a });
  };
  await fc.assert(
    fc.asyncProperty(changes, changes, bounds, async (first, second, range) => {
      await store.transaction(() => {
        for (const { key: old } of [...table.range()]) table.remove(old);
      });
      await store.transaction(() => write(first));
      const inside = await store.transaction(() => {
        write(second);
        return [...table.range(range)];
      });
      expect(inside).toEqual([...table.range(range)]);
    }),
    { numRuns: 150, seed: 7 },
  );
});

test('names the table and the key of a record that does not fit its schema', async () => {
  await store.transaction(() => store.table('rows', z.object({ b: z.string() })).put('k', { b: 'x' }));
  expect(() => store.table('rows', row).get('k')).toThrow(CorruptRecordError);
  expect(() => store.table('rows', row).get('k')).toThrow(/'k' of table 'rows'/);
  expect(() => [...store.table('rows', row).range()]).toThrow(CorruptRecordError);
});

test('refuses to write what it could not read back', async () => {
  const table = store.table('rows', row);
  const bad = store.transaction(() => table.put('k', { a: Number.NaN }));
  await expect(bad).rejects.toThrow(UnreadableRecordError);
  await expect(store.transaction(() => table.put('', { a: 1 }))).rejects.toThrow(UnreadableRecordError);
  await expect(store.transaction(() => table.put('k'.repeat(2000), { a: 1 }))).rejects.toThrow(/2000 bytes/);
  expect([...table.range()]).toEqual([]);
});

test('refuses a write outside of a transaction', () => {
  const table = store.table('rows', row);
  expect(() => table.put('k', { a: 1 })).toThrow(/outside of a transaction/);
  expect(() => table.remove('k')).toThrow(/outside of a transaction/);
});

test('holds what it called durable after its process is killed', async () => {
  const place = await mkdtemp(join(tmpdir(), 'store-killed-'));
  const script = fileURLToPath(new URL('./writer.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, place], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let last = -1;
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line);
    if (last >= 200 && !child.killed) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  const db = open({ path: place, maxDbs: 64 });
  const kept = [...db.openDB<{ n: number }, string>({ name: 'numbers', encoding: 'json' }).getRange()];
  await db.close();
  await rm(place, { recursive: true });
  expect(last).toBeGreaterThanOrEqual(200);
  expect(kept.slice(0, last + 1).map(({ value }) => value.n)).toEqual(
    Array.from({ length: last + 1 }, (_, n) => n),
  );
});
