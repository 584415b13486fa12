// The token file: whose it is, how long it lasts, what is no token.
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadOrCreatePageToken, readPageToken } from '../../src/pages/page-token.js';

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'token-'));
  path = join(directory, 'page.token');
});
afterEach(() => rm(directory, { recursive: true }));

test('is made once, of 256 random bits, for its owner alone', async () => {
  const token = await loadOrCreatePageToken(path);
  expect(Buffer.from(token, 'base64url')).toHaveLength(32);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await loadOrCreatePageToken(path)).toBe(token);
  expect(await readPageToken(path)).toBe(token);
  await rm(path);
  expect(await loadOrCreatePageToken(path)).not.toBe(token);
});

test('is refused when others could have read it', async () => {
  await loadOrCreatePageToken(path);
  await chmod(path, 0o644);
  await expect(loadOrCreatePageToken(path)).rejects.toMatchObject({
    code: 'PAGE_TOKEN',
    advice: expect.stringContaining('Remove the file'),
  });
});

test.each(['', 'short', `${'a'.repeat(43)}\n${'a'.repeat(43)}`, '<script>'])(
  'is not what somebody else wrote there: %j',
  async (text) => {
    await writeFile(path, text, { mode: 0o600 });
    const refused = await loadOrCreatePageToken(path).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'PAGE_TOKEN' });
    expect(await readFile(path, 'utf8')).toBe(text);
  },
);

test('cannot be where no file can be', async () => {
  await expect(loadOrCreatePageToken(join(directory, 'none', 'page.token'))).rejects.toMatchObject({
    code: 'PAGE_TOKEN',
  });
});
