// The file of a recording, and everything that can end it.
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openRecordingFile } from '../../../src/adapters/recording/recording-file.js';

const freshPath = async (): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'recording-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  return join(directory, 'node.ndjson');
};

const rig = () => {
  const ends: string[] = [];
  const options = {
    maxBytes: 1_000,
    lastLine: (reason: string) => ({ kind: 'end', reason }),
    onEnd: (reason: string) => void ends.push(reason),
  };
  return { ends, options };
};

test('holds what was written, for its owner alone', async () => {
  const path = await freshPath();
  const file = await openRecordingFile(path, rig().options);
  file.write({ one: 1 });
  file.write({ two: 2 });
  await file.close();
  file.write({ three: 3 });
  await file.close();
  expect(await readFile(path, 'utf8')).toBe('{"one":1}\n{"two":2}\n');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test('ends within its bound, and says so in its last line', async () => {
  const path = await freshPath();
  const { ends, options } = rig();
  const file = await openRecordingFile(path, options);
  for (let number = 0; number < 100; number++) file.write({ number, text: 'a'.repeat(40) });
  await file.close();
  const text = await readFile(path, 'utf8');
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1_000);
  expect(JSON.parse(text.trimEnd().split('\n').at(-1) ?? '')).toEqual({
    kind: 'end',
    reason: 'it reached 1000 bytes',
  });
  expect(ends).toEqual(['it reached 1000 bytes']);
});

test('ended early, it says why in its last line, once', async () => {
  const path = await freshPath();
  const { ends, options } = rig();
  const file = await openRecordingFile(path, options);
  file.write({ one: 1 });
  file.finish('an event could not be written down');
  file.finish('again');
  file.write({ two: 2 });
  await file.close();
  expect(await readFile(path, 'utf8')).toBe(
    '{"one":1}\n{"kind":"end","reason":"an event could not be written down"}\n',
  );
  expect(ends).toEqual(['an event could not be written down']);
});

test('a disk that takes no more ends the recording and nothing else', async () => {
  const { ends, options } = rig();
  const file = await openRecordingFile('/dev/full', options);
  file.write({ one: 1 });
  await file.close();
  expect(ends).toEqual(['the file took no more: ENOSPC']);
});

test.each([
  ['is there already', (path: string) => writeFile(path, 'mine').then(() => path), /EEXIST/, /overwritten/],
  ['has no directory', (path: string) => Promise.resolve(join(path, 'deeper')), /ENOENT/, /directory/],
])('refuses a file that %s', async (_what, prepare, message, advice) => {
  const path = await prepare(await freshPath());
  await expect(openRecordingFile(path, rig().options)).rejects.toMatchObject({
    code: 'RECORDING_FILE',
    message: expect.stringMatching(message),
    advice: expect.stringMatching(advice),
  });
});
