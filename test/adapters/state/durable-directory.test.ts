import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeDirectoryDurably } from '../../../src/adapters/state/durable-directory.js';
import { scratch } from './scratch.js';

const recordingSyncs = () => {
  const synced: string[] = [];
  return { synced, disk: { syncDirectory: async (path: string) => void synced.push(path) } };
};

test('brings every name it has made to the disk, and no other', async () => {
  const root = await scratch();
  const { synced, disk } = recordingSyncs();
  await makeDirectoryDurably(join(root, 'a/b/c'), disk);
  expect(synced).toEqual([join(root, 'a/b'), join(root, 'a'), root]);
  expect((await stat(join(root, 'a/b'))).mode & 0o777).toBe(0o700);
  await makeDirectoryDurably(join(root, 'a/b/c'), disk);
  expect(synced).toHaveLength(3);
});

test('leaves nothing where the disk fails, and lets a directory be that it may not read', async () => {
  const root = await scratch();
  const failing = (code: string) => ({
    syncDirectory: () => Promise.reject(Object.assign(new Error(code), { code })),
  });
  await expect(makeDirectoryDurably(join(root, 'a/c'), failing('EIO'))).rejects.toMatchObject({
    code: 'STATE_WRITE',
    cause: { code: 'EIO' },
    advice: expect.stringContaining('disk'),
  });
  await expect(stat(join(root, 'a'))).rejects.toMatchObject({ code: 'ENOENT' });
  await makeDirectoryDurably(join(root, 'b'), failing('EACCES'));
  expect((await stat(join(root, 'b'))).isDirectory()).toBe(true);
});

test('ends where no names are taken, and where a file is in the way', async () => {
  const advice = expect.any(String);
  await expect(makeDirectoryDurably('/proc/resultity/data')).rejects.toMatchObject({
    code: 'STATE_WRITE',
    advice,
    cause: { code: 'ENOENT' },
  });
  const file = join(await scratch(), 'file');
  await writeFile(file, '');
  await expect(makeDirectoryDurably(file)).rejects.toMatchObject({ cause: { code: 'EEXIST' }, advice });
  await expect(makeDirectoryDurably(join(file, 'data'))).rejects.toMatchObject({
    cause: { code: 'ENOTDIR' },
  });
});
