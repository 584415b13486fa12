import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readIfThere, sweepLeftovers, writeFileDurably } from '../../../src/adapters/state/durable-file.js';
import { type Fault, failingDisk } from './failing-disk.js';
import { scratch } from './scratch.js';

test('replaces a file whole, for its owner alone, and leaves nothing beside it', async () => {
  const directory = await scratch();
  const path = join(directory, 'a.json');
  await writeFileDurably(path, Buffer.from('one'));
  await writeFileDurably(path, Buffer.from('two'));
  expect(await readFile(path, 'utf8')).toBe('two');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(directory)).toEqual(['a.json']);
});

test('replaces a link itself and does not write through it', async () => {
  const directory = await scratch();
  const [path, elsewhere] = [join(directory, 'a.json'), join(directory, 'elsewhere')];
  await writeFile(elsewhere, 'theirs');
  await symlink(elsewhere, path);
  await writeFileDurably(path, Buffer.from('ours'));
  expect(await readFile(elsewhere, 'utf8')).toBe('theirs');
  expect(await readFile(path, 'utf8')).toBe('ours');
});

test.each<{ plan: Fault[]; holds: string }>([
  { plan: ['before'], holds: 'old' },
  { plan: ['torn'], holds: 'old' },
  { plan: ['none', 'before'], holds: 'old' },
  { plan: ['none', 'torn'], holds: 'new' },
  { plan: ['none', 'none', 'before'], holds: 'new' },
])('holds the $holds bytes, whole, when steps end as $plan', async ({ plan, holds }) => {
  const directory = await scratch();
  const path = join(directory, 'a.json');
  await writeFile(path, 'old');
  await expect(writeFileDurably(path, Buffer.from('new'), { disk: failingDisk(plan) })).rejects.toMatchObject(
    {
      code: 'STATE_WRITE',
      retryable: true,
      advice: 'Free space on the disk of the data directory.',
    },
  );
  expect(await readFile(path, 'utf8')).toBe(holds);
  expect(await readdir(directory)).toEqual(['a.json']);
});

test('sweeps what an interrupted write left, and nothing else', async () => {
  const directory = await scratch();
  const path = join(directory, 'a.json');
  const unremovable = failingDisk(['torn', 'before']);
  await expect(writeFileDurably(path, Buffer.from('new'), { disk: unremovable })).rejects.toThrow(/ENOSPC/);
  await writeFile(join(directory, '.b.json.X.tmp'), 'of another file');
  expect(await readdir(directory)).toHaveLength(2);
  await sweepLeftovers(path);
  expect(await readdir(directory)).toEqual(['.b.json.X.tmp']);
});

test('reads nothing as undefined and refuses what is no plain file or too large', async () => {
  const directory = await scratch();
  expect(await readIfThere(join(directory, 'none'), 10)).toBeUndefined();
  await mkdir(join(directory, 'folder'));
  await writeFile(join(directory, 'large'), 'x'.repeat(11));
  await expect(readIfThere(join(directory, 'folder'), 10)).rejects.toMatchObject({ code: 'STATE_READ' });
  await expect(readIfThere(join(directory, 'large'), 10)).rejects.toThrow('11 bytes, and at most 10');
  expect(await readIfThere(join(directory, 'large'), 11)).toHaveLength(11);
});
