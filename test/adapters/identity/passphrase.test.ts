import { readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  ENVIRONMENT_WARNING,
  GENERATED_WARNING,
  obtainPassphrase,
  type PassphraseOptions,
} from '../../../src/adapters/identity/passphrase.js';
import type { PassphrasePrompt } from '../../../src/adapters/identity/passphrase-prompt.js';
import { scratch } from '../state/scratch.js';

/** A person who answers in turn, and gives up when out of answers. */
const person = (...answers: string[]): PassphrasePrompt & { readonly heard: string[] } => {
  const heard: string[] = [];
  return {
    heard,
    ask: async (message) => {
      heard.push(message);
      return answers.shift();
    },
    tell: (message) => void heard.push(message),
  };
};

const options = async (more: Partial<PassphraseOptions>): Promise<PassphraseOptions> => ({
  purpose: 'create',
  dir: await scratch(),
  mayGenerate: true,
  ...more,
});

test('prefers the named file to the environment, and that to what was generated, a person and a new one', async () => {
  const dir = await scratch();
  const file = join(dir, 'secret');
  await writeFile(file, 'from file\n');
  const all = await options({ dir, file, text: 'from environment', prompt: person('asked', 'asked') });
  expect(await obtainPassphrase(all)).toEqual({ text: 'from file', source: 'file' });
  expect(await obtainPassphrase({ ...all, file: undefined })).toEqual({
    text: 'from environment',
    source: 'environment',
    warning: ENVIRONMENT_WARNING,
  });
  const asking = { ...all, file: undefined, text: undefined };
  expect(await obtainPassphrase(asking)).toEqual({ text: 'asked', source: 'prompt' });
  const generated = await obtainPassphrase({ ...asking, prompt: undefined });
  expect(generated).toEqual({
    text: expect.stringMatching(/^[0-9a-f]{40}$/),
    source: 'generated',
    warning: GENERATED_WARNING,
  });
  expect(await obtainPassphrase(asking)).toEqual({ ...generated, source: 'generated-before' });
  expect((await stat(join(dir, 'passphrase'))).mode & 0o777).toBe(0o600);
  expect(await readFile(join(dir, 'passphrase'), 'utf8')).toBe(`${generated.text}\n`);
});

test('trims one newline and nothing else, and follows links as secret mounts make them', async () => {
  const dir = await scratch();
  for (const [written, read] of [
    ['plain', 'plain'],
    ['one\n', 'one'],
    ['windows\r\n', 'windows'],
    ['two\n\n', 'two\n'],
    [' spaces ', ' spaces '],
  ] as const) {
    await writeFile(join(dir, 'secret'), written);
    expect((await obtainPassphrase(await options({ file: join(dir, 'secret') }))).text).toBe(read);
  }
  await symlink(join(dir, 'secret'), join(dir, 'link'));
  expect((await obtainPassphrase(await options({ file: join(dir, 'link') }))).text).toBe(' spaces ');
});

test('stops at a source that is set but unusable, and tries no other', async () => {
  const dir = await scratch();
  const file = join(dir, 'secret');
  const prompt = person('asked', 'asked');
  const refusal = async (more: Partial<PassphraseOptions>) =>
    obtainPassphrase(await options({ dir, prompt, ...more })).catch((error: unknown) => error);
  const unusable = (words: string) =>
    expect.objectContaining({ code: 'PASSPHRASE_UNUSABLE', message: expect.stringContaining(words) });
  expect(await refusal({ file })).toEqual(unusable('there is no passphrase file'));
  await writeFile(file, '\n');
  expect(await refusal({ file, text: 'from environment' })).toEqual(unusable('is empty'));
  await writeFile(file, 'x'.repeat(4097));
  expect(await refusal({ file })).toEqual(unusable('longer than 4096'));
  await writeFile(file, Buffer.from([0xff, 0xfe]));
  expect(await refusal({ file })).toEqual(unusable('not UTF-8'));
  expect(await refusal({ file: dir })).toEqual(unusable('EISDIR'));
  expect(await refusal({ text: '' })).toEqual(unusable('is empty'));
  expect(prompt.heard).toEqual([]);
});

test('asks twice for a new passphrase until both agree, and once for an old one', async () => {
  const doubtful = person('', 'a', 'b', 'right', 'right');
  expect((await obtainPassphrase(await options({ prompt: doubtful }))).text).toBe('right');
  expect(doubtful.heard).toHaveLength(7);
  expect(doubtful.heard).toContain('The two differ.');
  expect(doubtful.heard).toContain('It must not be empty.');
  const sure = person('old');
  expect((await obtainPassphrase(await options({ purpose: 'open', prompt: sure }))).text).toBe('old');
  expect(sure.heard).toHaveLength(1);
});

test('makes none for a key that exists, none where it may not, and none when a person gives up', async () => {
  for (const more of [{ purpose: 'open' }, { mayGenerate: false }, { prompt: person('once') }] as const) {
    await expect(obtainPassphrase(await options(more))).rejects.toMatchObject({
      code: 'PASSPHRASE_MISSING',
      advice: expect.stringContaining('RESULTITY_PASSPHRASE_FILE'),
    });
  }
});
