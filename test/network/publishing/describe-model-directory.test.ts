import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeModelDirectory } from '../../../src/network/publishing/describe-model-directory.js';
import { ModelDirectoryError } from '../../../src/network/publishing/publishing-errors.js';
import { digestOf } from '../../../src/protocol/digest.js';
import { manifestDigest } from '../../../src/protocol/model-manifest.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'model-'));
});
afterEach(() => rm(dir, { recursive: true }));

test('lists files sorted by path with size, digest and a source below the base URL', async () => {
  await mkdir(join(dir, 'tokenizer'));
  await writeFile(join(dir, 'weights.gguf'), 'abc');
  await writeFile(join(dir, 'tokenizer', 'vocab.json'), '{}');
  await writeFile(join(dir, 'Config.json'), '');
  const described = await describeModelDirectory(dir, new URL('https://models.example.org/tiny'));
  expect(described.files).toEqual([
    {
      path: 'Config.json',
      size_bytes: 0,
      sha256: digestOf(''),
      sources: ['https://models.example.org/tiny/Config.json'],
    },
    {
      path: 'tokenizer/vocab.json',
      size_bytes: 2,
      sha256: digestOf('{}'),
      sources: ['https://models.example.org/tiny/tokenizer/vocab.json'],
    },
    {
      path: 'weights.gguf',
      size_bytes: 3,
      sha256: digestOf('abc'),
      sources: ['https://models.example.org/tiny/weights.gguf'],
    },
  ]);
  expect(described.digest).toBe(manifestDigest(described.files));
  expect(described.bytes).toBe(5);
});

test('names the files themselves for nodes of the same machine', async () => {
  await writeFile(join(dir, 'weights.gguf'), 'abc');
  const { files } = await describeModelDirectory(dir, 'file');
  expect(files[0]?.sources).toEqual([pathToFileURL(join(dir, 'weights.gguf')).href]);
});

test('refuses links, files that can carry code, hidden files, odd names, and nothing at all', async () => {
  await expect(describeModelDirectory(dir, 'file')).rejects.toThrow(/holds no files/);
  await expect(describeModelDirectory(join(dir, 'missing'), 'file')).rejects.toThrow(ModelDirectoryError);
  for (const name of ['model.py', 'pytorch_model.bin', '.hidden', 'has space.json']) {
    await writeFile(join(dir, name), 'x');
    await expect(describeModelDirectory(dir, 'file')).rejects.toThrow(name);
    await rm(join(dir, name));
  }
  await symlink('/etc/hostname', join(dir, 'weights.gguf'));
  await expect(describeModelDirectory(dir, 'file')).rejects.toThrow(/not a plain file/);
});

test('refuses a base URL nodes cannot fetch from', async () => {
  await writeFile(join(dir, 'weights.gguf'), 'abc');
  await expect(describeModelDirectory(dir, new URL('ftp://example.org/'))).rejects.toThrow(
    /ftp: is no protocol/,
  );
});
