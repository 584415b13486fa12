// What the owner's settings make of a spec's container: where models come from, and how much it may use.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ContainerPlace } from '../../src/adapters/runtime/container-driver.js';
import { loadConfig } from '../../src/config.js';
import { chooseGpus } from '../../src/daemon/choose-gpus.js';
import { containerOf } from '../../src/daemon/container-runtime.js';
import type { HardwareProfile } from '../../src/protocol/hardware.js';
import { GIBIBYTE } from '../../src/runtimes/engines/container-definition.js';
import { engineByKey } from '../../src/runtimes/engines/engines.js';
import { modelOf, spec } from '../adapters/runtime/specs.js';

const host: ContainerPlace = {
  user: '1000:0',
  socketSource: { kind: 'bind', hostPath: '/data/runtime/c000000000000' },
};
const inContainer: ContainerPlace = { user: '1000:0', socketSource: { kind: 'volume', name: 'sockets' } };
const HEX = '1'.repeat(64);

let data: string;
let model: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'cr-'));
  model = join(data, 'models', HEX);
  mkdirSync(model, { recursive: true });
  writeFileSync(join(model, 'weights.gguf'), '');
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

const build = (engine: string, flags: Readonly<Record<string, string>>, place: ContainerPlace) => {
  const { config } = loadConfig({ flags: { runtimeDriver: 'container', ...flags }, environment: {} });
  const places = { runtime: join(data, 'runtime'), models: join(data, 'models') };
  return containerOf(
    engineByKey(engine),
    config.runtime,
    places,
  )(
    spec({
      engine,
      models: [modelOf('m', { path: model })],
      image: `sha256:${'2'.repeat(64)}`,
      bridgeImage: `sha256:${'3'.repeat(64)}`,
      gpus: ['GPU-1'],
      memoryBytes: 8 * GIBIBYTE,
    }),
    place,
  );
};

describe('models', () => {
  test('of a node on the host are mounted one by one', async () => {
    const container = await build('vllm', {}, host);
    expect(container.modelMounts).toEqual([
      { source: { kind: 'bind', hostPath: model }, target: '/models/0', readOnly: true },
    ]);
    expect(container.args).toContain('/models/0');
    expect((await build('llama.cpp', {}, host)).args.join(' ')).toContain('/models/0/weights.gguf');
  });

  test('of a node in a container come from the volume both see', async () => {
    const container = await build('llama.cpp', { runtimeModelsVolume: 'models' }, inContainer);
    expect(container.modelMounts).toEqual([
      { source: { kind: 'volume', name: 'models' }, target: '/models/0', readOnly: true },
    ]);
    expect(container.args.join(' ')).toContain(`/models/0/${HEX}/weights.gguf`);
  });

  test('that the container engine cannot see are refused with the setting that helps', async () => {
    await expect(build('vllm', {}, inContainer)).rejects.toMatchObject({
      code: 'ENGINE_START_INVALID',
      advice: expect.stringContaining('runtime.modelsVolume'),
    });
    await expect(build('simulator', {}, inContainer)).resolves.toMatchObject({ modelMounts: [] });
  });
});

test("the owner's bounds lower the network's, and never raise them", async () => {
  const bounded = { runtimeMemoryBytes: String(GIBIBYTE), runtimeCpus: '3' };
  expect((await build('vllm', bounded, host)).limits).toMatchObject({ memoryBytes: GIBIBYTE, cpus: 3 });
  const generous = { runtimeMemoryBytes: String(64 * GIBIBYTE) };
  expect((await build('vllm', generous, host)).limits).toMatchObject({
    memoryBytes: 8 * GIBIBYTE,
    cpus: undefined,
  });
});

describe('GPUs', () => {
  const unit = (uuid: string) => ({ uuid, name: 'x', vram_total_bytes: 1 });
  const gpus: HardwareProfile['gpus'] = [
    { ...unit('GPU-1'), vendor: 'nvidia' },
    { ...unit('GPU-2'), vendor: 'nvidia', mig: [{ uuid: 'MIG-3', profile: '1g.10gb' }] },
    { ...unit('0000:03'), vendor: 'amd' },
  ];
  const hardware = { gpus } as HardwareProfile;

  test.each([
    [['all'], ['GPU-1', 'MIG-3']],
    [['none'], []],
    [['GPU-9'], ['GPU-9']],
  ])('%j gives %j', (wanted, given) => {
    expect(chooseGpus(hardware, wanted)).toEqual(given);
  });
});
