// A key file appears whole or not at all, also where the file system knows no hard links.
import { link, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeNewKeyFile } from '../../../src/adapters/identity/key-file.js';
import { openDataDirectory } from '../../../src/adapters/state/data-directory.js';
import { scratch } from '../state/scratch.js';

/** A file system that answers a hard link with this code. */
const refusing = (code: string): typeof link => {
  const refusal = Object.assign(new Error('no links'), { code });
  return () => Promise.reject(refusal);
};

test.for(['', 'EPERM', 'ENOTSUP'])('is written once, and leaves no draft (link: %s)', async (code) => {
  const linkFile = code === '' ? link : refusing(code);
  const dir = await scratch();
  const path = join(dir, 'identity.json');
  await writeNewKeyFile(path, 'first', linkFile);
  await expect(writeNewKeyFile(path, 'second', linkFile)).rejects.toMatchObject({ code: 'IDENTITY_EXISTS' });
  expect(await readFile(path, 'utf8')).toBe('first');
  expect(await readdir(dir)).toEqual(['identity.json']);
});

test('is written by one of two that try at once', async () => {
  const path = join(await scratch(), 'identity.json');
  const tries = await Promise.allSettled(['one', 'other'].map((text) => writeNewKeyFile(path, text)));
  const done = ['one', 'other'].filter((_, at) => tries[at]?.status === 'fulfilled');
  expect(done).toHaveLength(1);
  expect(await readFile(path, 'utf8')).toBe(done[0]);
});

test('leaves nothing behind when it cannot be named', async () => {
  const dir = await scratch();
  await expect(writeNewKeyFile(join(dir, 'identity.json'), 'first', refusing('EIO'))).rejects.toMatchObject({
    code: 'IDENTITY_UNREADABLE',
  });
  expect(await readdir(dir)).toEqual([]);
});

test('drafts of a killed process are swept when the data directory is taken', async () => {
  const dir = join(await scratch(), 'data');
  await mkdir(dir, { mode: 0o700 });
  for (const name of [
    '.identity.json.01J0000000000000000000000A.tmp',
    '.passphrase.01J0000000000000000000000A.tmp',
  ]) {
    await writeFile(join(dir, name), '');
  }
  const directory = await openDataDirectory(dir);
  expect(await readdir(dir)).toEqual(['lock']);
  await directory.release();
});
