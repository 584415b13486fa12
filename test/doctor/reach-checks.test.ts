// What the doctor says of those the node speaks to: the network, and the inference engine.
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { NetworkUnreachableError } from '../../src/adapters/network-http/network-http-errors.js';
import { clockSkew, networkReachable } from '../../src/doctor/checks/network.js';
import { runtimeEngine } from '../../src/doctor/checks/runtime-engine.js';
import { ask, NETWORK } from './subject.js';

const flags = { networkUrl: 'http://127.0.0.1:1' };
const silent = async (): Promise<never> => {
  throw new NetworkUnreachableError('nobody there', { advice: 'Dial again.' });
};

test('a network that answers is named with its time; one of another protocol is a failure', async () => {
  expect(await ask(networkReachable, { flags })).toMatchObject({
    outcome: 'ok',
    evidence: 'devnet at http://127.0.0.1:1, in 10 ms',
  });
  const info = { ...NETWORK, protocol: [2, 3] };
  const network = async () => ({ info, askedMs: 0, answeredMs: 1 });
  expect(await ask(networkReachable, { flags, network })).toMatchObject({
    outcome: 'failure',
    evidence: expect.stringContaining('speaks protocol 2, 3, and this node speaks 1'),
  });
});

test('without a network there is nothing to reach, and no clock to compare with', async () => {
  expect(await ask(networkReachable, {})).toMatchObject({
    outcome: 'failure',
    remedy: 'Set networkUrl, e.g. with --network-url URL.',
  });
  await expect(ask(clockSkew, {})).rejects.toThrow('no network to ask for the time');
  await expect(ask(networkReachable, { flags, network: silent })).rejects.toThrow('nobody there');
  await expect(ask(clockSkew, { flags, network: silent })).rejects.toThrow('the network does not answer');
});

test.each([
  [999_990, 1_000_010, 'ok', 'the same time as the network'],
  [1_002_000, 1_002_010, 'ok', '2 s ahead of the network'],
  [1_040_000, 1_040_010, 'warning', '40 s ahead of the network'],
  [899_990, 900_000, 'warning', '100 s behind the network'],
])('a clock asked at %i and answered at %i: %s, %s', async (askedMs, answeredMs, outcome, words) => {
  const network = async () => ({ info: NETWORK, askedMs, answeredMs });
  const found = await ask(clockSkew, { flags, network });
  expect(found).toMatchObject({ outcome, evidence: expect.stringContaining(words) });
});

test('a program is looked for where it would be started from', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'doctor-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const program = join(folder, 'vllm');
  const look = (more: Record<string, string> = {}) =>
    ask(runtimeEngine, { flags: more, process: { searchPath: ['/nowhere', folder] } });
  expect(await look()).toMatchObject({
    outcome: 'failure',
    evidence: 'vLLM cannot be started: there is no program vllm on the PATH',
  });
  await writeFile(program, '#!/bin/sh\n');
  expect(await look()).toMatchObject({ outcome: 'failure' });
  await chmod(program, 0o755);
  expect(await look()).toMatchObject({ outcome: 'ok', evidence: `vLLM as ${program}` });
  expect(await look({ runtimeCommand: '/nowhere/vllm serve' })).toMatchObject({
    outcome: 'failure',
    evidence: 'vLLM cannot be started: there is no program /nowhere/vllm',
  });
  expect(await look({ runtimeEngine: 'simulator' })).toMatchObject({ outcome: 'ok' });
});

test('an engine somebody else runs is asked, and named with its version', async () => {
  const external = { runtimeDriver: 'external', runtimeUrl: 'http://127.0.0.1:8000' };
  expect(await ask(runtimeEngine, { flags: external, externalEngine: async () => '0.32.0' })).toMatchObject({
    outcome: 'ok',
    evidence: 'vLLM 0.32.0 answers at http://127.0.0.1:8000',
  });
});
