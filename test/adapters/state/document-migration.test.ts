// Documents of older versions: brought forward with their bytes kept, whatever step of it fails; newer ones are refused.
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { realDisk } from '../../../src/adapters/state/disk-steps.js';
import { encodeDocument } from '../../../src/adapters/state/document-file.js';
import { type DocumentOptions, previousPath } from '../../../src/adapters/state/document-recovery.js';
import { openDocument } from '../../../src/adapters/state/document-store.js';
import { failingDisk } from './failing-disk.js';
import { scratch } from './scratch.js';

const first = z.strictObject({ seen: z.number() });
const third = z.strictObject({ seen: z.array(z.string()) });

const olderOptions = (path: string): DocumentOptions<z.infer<typeof first>> => ({
  path,
  schema: first,
  version: 1,
  initial: { seen: 0 },
  subject: 'devnet/test',
});
const options = (path: string): DocumentOptions<z.infer<typeof third>> => ({
  path,
  schema: third,
  version: 3,
  initial: { seen: [] },
  subject: 'devnet/test',
  migrations: {
    1: (data) => ({ seen: [first.parse(data).seen] }),
    2: (data) => ({
      seen: z
        .object({ seen: z.array(z.number()) })
        .parse(data)
        .seen.map(String),
    }),
  },
});

/** As the older version left it, with a copy before it. */
const older = async (): Promise<string> => {
  const path = join(await scratch(), 'seen.json');
  const { store } = await openDocument(olderOptions(path));
  for (const seen of [6, 7]) await store.update(() => ({ seen }));
  return path;
};

test('brings a document forward version by version, and keeps its bytes beside it', async () => {
  const path = await older();
  const before = await readFile(path);
  const { store, recovered } = await openDocument(options(path));
  expect([recovered, store.data]).toEqual(['migrated', { seen: ['7'] }]);
  expect(await readFile(path.replace('.json', '.v1.json'))).toEqual(before);
  await store.update(() => ({ seen: ['7', '8'] }));
  const again = await openDocument(options(path));
  expect([again.recovered, again.store.data]).toEqual(['whole', { seen: ['7', '8'] }]);
});

test('finds the old or the new document, and the old bytes, whatever step of the migration fails', async () => {
  const counting = failingDisk([]);
  await openDocument({ ...options(await older()), disk: counting });
  expect(counting.steps()).toBe(6);
  for (const fault of ['before', 'torn'] as const) {
    for (let step = 0; step < counting.steps(); step++) {
      const path = await older();
      const before = await readFile(path);
      const disk = failingDisk([...Array.from({ length: step }, () => 'none' as const), fault]);
      await expect(openDocument({ ...options(path), disk })).rejects.toMatchObject({ code: 'STATE_WRITE' });
      const { store } = await openDocument(options(path));
      expect(store.data).toEqual({ seen: ['7'] });
      expect(await readFile(path.replace('.json', '.v1.json'))).toEqual(before);
      const left = await readdir(join(path, '..'));
      expect(left.sort()).toEqual(['seen.json', 'seen.previous.json', 'seen.v1.json']);
    }
  }
});

test('brings the copy before forward where the document itself is corrupt', async () => {
  const path = await older();
  await writeFile(path, '{');
  const { store, recovered } = await openDocument(options(path));
  expect([recovered, store.data]).toEqual(['previous', { seen: ['6'] }]);
  expect(await readFile(path.replace('.json', '.v1.json'))).toEqual(await readFile(previousPath(path)));
});

test('refuses a newer document, names the copy an older node may take, and goes on from it', async () => {
  const path = await older();
  await openDocument(options(path));
  const backup = path.replace('.json', '.v1.json');
  const newer = await readFile(path);
  await expect(openDocument(olderOptions(path))).rejects.toMatchObject({
    code: 'DOCUMENT_TOO_NEW',
    advice: expect.stringContaining(backup),
  });
  expect(await readFile(path)).toEqual(newer);
  await copyFile(backup, path);
  const { store } = await openDocument(olderOptions(path));
  expect(store.data).toEqual({ seen: 7 });
});

test('refuses a document nothing leads on from, and leaves it as it is', async () => {
  const path = await older();
  const before = await readFile(path);
  await expect(openDocument({ ...options(path), migrations: {} })).rejects.toMatchObject({
    code: 'DOCUMENT_TOO_OLD',
    advice: expect.stringContaining('in between'),
  });
  expect(await readFile(path)).toEqual(before);
});

test('takes what a migration cannot read for corrupt', async () => {
  const path = await older();
  const odd = encodeDocument({ version: 1, subject: 'devnet/test', data: { seen: 'seven' } });
  await realDisk.remove(previousPath(path));
  await writeFile(path, odd);
  await expect(openDocument(options(path))).rejects.toMatchObject({ code: 'DOCUMENT_CORRUPT' });
  expect(await readFile(path)).toEqual(odd);
});
