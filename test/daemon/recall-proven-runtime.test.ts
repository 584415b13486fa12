// What a restarted Agent knows of the Runtime that worked: the whole spec, unless it is damaged or the owner has changed
// what it was proved under.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Config, loadConfig } from '../../src/config.js';
import { recallProvenRuntime } from '../../src/daemon/recall-proven-runtime.js';
import { createRepairs } from '../../src/services/repairs.js';
import { modelOf, recordingLogger, spec } from '../adapters/runtime/specs.js';

let root: string;
let directory: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'proven-'));
  directory = join(root, 'runtime');
});
afterEach(() => rm(root, { recursive: true }));

const settings = (flags: Record<string, string> = {}): Config =>
  loadConfig({ flags: { networkUrl: 'https://io.network.example', ...flags }, environment: { HOME: root } })
    .config;

const recall = async (config = settings()) => {
  const { logger, lines } = recordingLogger();
  return {
    ...(await recallProvenRuntime(directory, config, logger, createRepairs(Date.now))),
    lines,
  };
};

const BARE = spec();
const FULL = spec({
  specHash: 'sha256:full',
  models: [modelOf('m', { path: undefined, tasks: ['chat', 'embedding'] })],
  image: `registry.test/engine@sha256:${'3'.repeat(64)}`,
  bridgeImage: `sha256:${'4'.repeat(64)}`,
  flags: { 'max-num-seqs': '4' },
  gpus: ['GPU-1'],
  memoryBytes: 1,
  sharedMemoryBytes: 2,
});

test('the last spec that was kept is there at the next start, whole', async () => {
  const first = await recall();
  expect(first.spec).toBeUndefined();
  for (const kept of [FULL, BARE]) {
    await first.keep(kept);
    const again = await recall();
    expect(again.spec).toEqual(kept);
    expect(again.lines).toEqual([]);
  }
});

test('one that is known already is not written again', async () => {
  const { keep } = await recall();
  await keep(FULL);
  const path = join(directory, 'proven.json');
  await writeFile(path, 'touched');
  await keep({ ...FULL });
  expect(await readFile(path, 'utf8')).toBe('touched');
});

test.each([
  ['another network', { networkUrl: 'https://other.example' }],
  ['fewer GPUs', { runtimeGpus: 'GPU-2' }],
  ['another engine', { runtimeEngine: 'llama.cpp' }],
])('is not gone back to under %s', async (_, changed) => {
  await (await recall()).keep(FULL);
  const other = await recall(settings({ runtimeDriver: 'container', ...changed }));
  expect(other.spec).toBeUndefined();
  await other.keep(FULL);
  expect((await recall(settings({ runtimeDriver: 'container', ...changed }))).spec).toEqual(FULL);
});

test.each(['nonsense', JSON.stringify({ proven: { settings: 'x', spec: { image: 7 } } })])(
  'a damaged note is as good as none, and that is told: %s',
  async (content) => {
    await mkdir(directory);
    await writeFile(join(directory, 'proven.json'), content);
    const { spec: found, keep, lines } = await recall();
    expect(found).toBeUndefined();
    expect(lines).toMatchObject([{ event: 'state.repaired', what: 'runtime/proven', how: 'begun_anew' }]);
    await keep(FULL);
    expect((await recall()).spec).toEqual(FULL);
  },
);

test('one that can neither be read nor written is done without', async () => {
  await mkdir(join(directory, 'proven.json'), { recursive: true });
  const { spec: found, keep, lines } = await recall();
  expect(found).toBeUndefined();
  expect(lines).toMatchObject([{ event: 'runtime.proven_unreadable', code: 'STATE_READ' }]);
  await keep(FULL);
});

test('one that cannot be written is told', async () => {
  const { keep, lines } = await recall();
  await rm(directory, { recursive: true });
  await keep(FULL);
  expect(lines).toMatchObject([{ event: 'runtime.proven_unwritten' }]);
});
