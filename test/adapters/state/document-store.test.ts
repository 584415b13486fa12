import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { decodeDocument, encodeDocument } from '../../../src/adapters/state/document-file.js';
import { type DocumentOptions, previousPath } from '../../../src/adapters/state/document-recovery.js';
import { openDocument } from '../../../src/adapters/state/document-store.js';
import { type Fault, failingDisk } from './failing-disk.js';
import { scratch } from './scratch.js';

const schema = z.strictObject({ count: z.int(), names: z.array(z.string()) });
type Tally = z.infer<typeof schema>;

const at = (directory: string, more: Partial<DocumentOptions<Tally>> = {}): DocumentOptions<Tally> => ({
  path: join(directory, 'tally.json'),
  schema,
  version: 1,
  initial: { count: 0, names: [] },
  subject: 'devnet/tally',
  ...more,
});

/** A document with three counts behind it: the file holds 3, its previous copy 2. */
const written = async (): Promise<{ directory: string; path: string }> => {
  const directory = await scratch();
  const { store } = await openDocument(at(directory));
  for (const count of [1, 2, 3]) await store.update(() => ({ count, names: ['a'] }));
  return { directory, path: join(directory, 'tally.json') };
};

test('begins at the initial value, and reads back what was written', async () => {
  const directory = await scratch();
  const first = await openDocument(at(directory));
  expect(first.recovered).toBe('fresh');
  expect(await readdir(directory)).toEqual([]);
  const updated = await first.store.update((draft) => {
    draft.names.push('a');
  });
  expect(updated).toEqual({ count: 0, names: ['a'] });
  const second = await openDocument(at(directory));
  expect(second.recovered).toBe('whole');
  expect(second.store.data).toEqual(updated);
});

test('runs updates one after the other', async () => {
  const directory = await scratch();
  const { store } = await openDocument(at(directory));
  await Promise.all(
    Array.from({ length: 20 }, () =>
      store.update((draft) => {
        draft.count += 1;
      }),
    ),
  );
  expect(store.data.count).toBe(20);
  expect((await openDocument(at(directory))).store.data.count).toBe(20);
});

test('hands out values nobody can change but through an update', async () => {
  const { directory } = await written();
  const { store } = await openDocument(at(directory));
  expect(() => store.data.names.push('b')).toThrow(TypeError);
  const before = store.data;
  await store.update((draft) => {
    draft.names.push('b');
  });
  expect(before.names).toEqual(['a']);
});

test('refuses an update the schema does not know, and one that throws, and goes on', async () => {
  const { directory } = await written();
  const { store } = await openDocument(at(directory));
  await expect(store.update((draft) => ({ ...draft, count: 0.5 }))).rejects.toThrow();
  await expect(
    store.update(() => {
      throw new Error('changed my mind');
    }),
  ).rejects.toThrow('changed my mind');
  await store.update((draft) => ({ ...draft, count: 4 }));
  expect(store.data.count).toBe(4);
});

test('writes nothing it could not read back', async () => {
  const { directory } = await written();
  const { store } = await openDocument(at(directory));
  const names = ['\u0000'.repeat(700_000)]; // six bytes each once escaped
  await expect(store.update((draft) => ({ ...draft, names }))).rejects.toMatchObject({
    code: 'DOCUMENT_TOO_LARGE',
  });
  expect(store.data).toEqual({ count: 3, names: ['a'] });
  expect((await openDocument(at(directory))).store.data).toEqual({ count: 3, names: ['a'] });
});

test('takes the previous copy when the file is corrupt, keeps the corrupt one, and finds the same next time', async () => {
  const { directory, path } = await written();
  await writeFile(path, '{"version":1');
  const { store, recovered } = await openDocument(at(directory));
  expect({ recovered, count: store.data.count }).toEqual({ recovered: 'previous', count: 2 });
  const kept = (await readdir(directory)).filter((name) => name.startsWith('tally.json.corrupt-'));
  expect(kept).toHaveLength(1);
  expect(await readFile(join(directory, kept[0] ?? ''), 'utf8')).toBe('{"version":1');
  const again = await openDocument(at(directory));
  expect({ recovered: again.recovered, count: again.store.data.count }).toEqual({
    recovered: 'whole',
    count: 2,
  });
});

test('takes the previous copy when the file is gone', async () => {
  const { directory, path } = await written();
  await rm(path);
  const { store, recovered } = await openDocument(at(directory));
  expect({ recovered, count: store.data.count }).toEqual({ recovered: 'previous', count: 2 });
});

test('refuses, touching nothing, when no copy is whole', async () => {
  const { directory, path } = await written();
  await writeFile(path, 'torn');
  await writeFile(previousPath(path), 'torn too');
  const before = await readdir(directory);
  await expect(openDocument(at(directory))).rejects.toMatchObject({
    code: 'DOCUMENT_CORRUPT',
    retryable: false,
    advice: expect.stringContaining('Restore'),
  });
  expect(await readdir(directory)).toEqual(before);
  expect(await readFile(path, 'utf8')).toBe('torn');
});

test('begins anew where the caller chose to, and keeps both corrupt copies', async () => {
  const { directory, path } = await written();
  await writeFile(path, 'torn');
  await writeFile(previousPath(path), 'torn too');
  const { store, recovered } = await openDocument(at(directory, { whenCorrupt: 'start-over' }));
  expect({ recovered, data: store.data }).toEqual({
    recovered: 'quarantined',
    data: { count: 0, names: [] },
  });
  expect((await readdir(directory)).filter((name) => name.includes('.corrupt-'))).toHaveLength(2);
  await store.update((draft) => ({ ...draft, count: 1 }));
  expect((await openDocument(at(directory))).store.data.count).toBe(1);
});

test('refuses a document of a newer node and leaves it as it is', async () => {
  const directory = await scratch();
  const { store } = await openDocument(at(directory, { version: 2 }));
  await store.update((draft) => ({ ...draft, count: 1 }));
  const before = await readFile(join(directory, 'tally.json'));
  await expect(openDocument(at(directory, { whenCorrupt: 'start-over' }))).rejects.toMatchObject({
    code: 'DOCUMENT_TOO_NEW',
    message: expect.stringContaining('has version 2; this node knows versions up to 1'),
    advice: expect.stringContaining('newer version of the node'),
  });
  expect(await readFile(join(directory, 'tally.json'))).toEqual(before);
});

test('does not believe a document copied from another network', async () => {
  const { directory } = await written();
  await expect(openDocument(at(directory, { subject: 'mainnet/tally' }))).rejects.toThrow(
    "it is the document 'devnet/tally', not 'mainnet/tally'",
  );
});

test('notices every flipped bit and every cut, or reads the same data', () => {
  const stored = { version: 1, subject: 'devnet/tally', data: { count: 3, names: ['a', 'ü'] } };
  const bytes = encodeDocument(stored);
  let noticed = 0;
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const flipped = Buffer.from(bytes);
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const read = decodeDocument(flipped);
    if (typeof read === 'string') noticed += 1;
    else expect(read).toEqual(stored); // white space between the parts
  }
  expect(noticed).toBeGreaterThan(bytes.length * 6);
  for (let length = 0; length < bytes.length - 1; length += 1) {
    expect(typeof decodeDocument(bytes.subarray(0, length))).toBe('string');
  }
});

test('reads back any JSON under its checksum', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const data: unknown = JSON.parse(JSON.stringify(value));
      expect(decodeDocument(encodeDocument({ version: 1, subject: 's', data }))).toEqual({
        version: 1,
        subject: 's',
        data,
      });
    }),
  );
});

test('keeps memory equal to the disk, and the file whole, whichever steps fail', async () => {
  const fault = fc.constantFrom<Fault>('none', 'none', 'none', 'before', 'torn');
  await fc.assert(
    fc.asyncProperty(
      fc.array(fault, { maxLength: 40 }),
      fc.integer({ min: 1, max: 6 }),
      async (plan, updates) => {
        const directory = await scratch();
        const { store } = await openDocument(at(directory, { disk: failingDisk(plan) }));
        const asked = [
          { count: 0, names: [] },
          ...Array.from({ length: updates }, (_, n) => ({ count: n + 1, names: ['a'] })),
        ];
        const turns = asked.slice(1).map((next) => store.update(() => next));
        const outcomes = await Promise.allSettled(turns);
        const reopened = await openDocument(at(directory));
        expect(reopened.store.data).toEqual(store.data);
        expect(asked).toContainEqual(store.data);
        // What was promised is there, unless a later update replaced it.
        const kept = outcomes.findLastIndex((outcome) => outcome.status === 'fulfilled') + 1;
        expect(store.data.count).toBeGreaterThanOrEqual(kept);
        // The disk works again: so does the document.
        await reopened.store.update(() => ({ count: 99, names: [] }));
        expect((await openDocument(at(directory))).store.data.count).toBe(99);
      },
    ),
    { numRuns: 60 },
  );
});
