// What the doctor says of this process and of the GPUs of the host.
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { showBytes } from '../../src/doctor/bytes.js';
import { gpuPresent } from '../../src/doctor/checks/gpu.js';
import { nodeVersion } from '../../src/doctor/checks/node-version.js';
import { openFiles } from '../../src/doctor/checks/open-files.js';
import { settingsValid } from '../../src/doctor/checks/settings.js';
import { ask } from './subject.js';

const RTX = {
  uuid: 'GPU-1',
  name: 'NVIDIA GeForce RTX 4090',
  vendor: 'nvidia',
  vram_total_bytes: 24 * 1024 ** 3,
  driver: '550.54.14',
} as const;

test.each([
  ['20.18.3', 'failure'],
  ['20.19.0', 'ok'],
  ['21.7.0', 'failure'],
  ['22.11.0', 'failure'],
  ['22.12.0', 'ok'],
  ['23.4.0', 'failure'],
  ['24.0.0', 'ok'],
  ['26.1.0', 'ok'],
])('Node.js %s: %s', async (version, outcome) => {
  expect(await ask(nodeVersion, { process: { nodeVersion: version } })).toMatchObject({ outcome });
});

test('asks for the Node.js versions the package names', async () => {
  const { engines } = JSON.parse(await readFile('package.json', 'utf8')) as { engines: { node: string } };
  expect(engines.node).toBe('^20.19.0 || ^22.12.0 || >=24.0.0');
});

test('names settings and where they came from, never their values', async () => {
  const flags = { runtimeEngine: 'simulator', passphraseFile: '/run/secrets/pass' };
  const { outcome, evidence } = await ask(settingsValid, { flags });
  expect(outcome).toBe('ok');
  expect(evidence).toBe(
    'no settings file; set: dataDir (flag), passphraseFile (flag), runtime.engine (flag)',
  );
});

test('every setting that is wrong is named at once', async () => {
  const found = await ask(settingsValid, { flags: { runtimeSlots: '0', logLevel: 'loud' } });
  expect(found.outcome).toBe('failure');
  expect(found.evidence).toMatch(/logLevel .* \| runtime\.slots /);
});

test('a low limit of open files is a warning with the number', async () => {
  expect(await ask(openFiles, { process: { openFiles: async () => 1_024 } })).toMatchObject({
    outcome: 'warning',
    evidence: 'at most 1024 open files',
  });
  await expect(ask(openFiles, { process: { openFiles: async () => undefined } })).rejects.toThrow(
    'does not tell',
  );
});

test('no GPU is well for an engine that needs none, and a failure for one that does', async () => {
  expect(await ask(gpuPresent, { flags: { runtimeEngine: 'vllm-cpu' } })).toMatchObject({ outcome: 'ok' });
  expect(await ask(gpuPresent, { flags: { runtimeEngine: 'vllm' } })).toMatchObject({
    outcome: 'failure',
    evidence: 'none found, and vLLM needs one',
  });
});

test('GPUs are told with memory and driver; a lost one is a failure though others are well', async () => {
  expect(await ask(gpuPresent, { gpus: async () => ({ gpus: [RTX], lost: [] }) })).toMatchObject({
    outcome: 'ok',
    evidence: 'NVIDIA GeForce RTX 4090, 24 GiB, driver 550.54.14',
  });
  const lost = [{ place: '0000:02:00.0', reason: 'Unknown Error' }];
  expect(await ask(gpuPresent, { gpus: async () => ({ gpus: [RTX], lost }) })).toMatchObject({
    outcome: 'failure',
    evidence: 'lost: 0000:02:00.0 (Unknown Error)',
  });
});

test('shows bytes in the largest unit that leaves a number', () => {
  expect([0, 1023, 1536, 20 * 1024 ** 3, 252.4 * 1024 ** 3, 3 * 1024 ** 5].map(showBytes)).toEqual([
    '0 bytes',
    '1023 bytes',
    '1.5 KiB',
    '20 GiB',
    '252 GiB',
    '3072 TiB',
  ]);
});
