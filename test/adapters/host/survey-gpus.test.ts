import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type GpuSurvey, surveyGpus } from '../../../src/adapters/host/survey-gpus.js';
import { createSystemHostProbe } from '../../../src/adapters/host/system-host-probe.js';
import { hardwareProfile } from '../../../src/protocol/hardware.js';
import { fakeTools, says } from './fake-tools.js';

const MIB = 1024 ** 2;
const SYSTEM_MEMORY = 128 * 1024 * MIB;
const RTX_4090 =
  'GPU-4090, NVIDIA GeForce RTX 4090, 00000000:01:00.0, 550.54.14, 24564, 512, 7, 41, 22.61, 450.00, 8.9, [N/A], 4, 16';
const A100 =
  'GPU-a100, NVIDIA A100-SXM4-40GB, 00000000:07:00.0, 535.183.01, 40960, 37, [N/A], 33, 44.52, 400.00, 8.0, Enabled, 4, 16';
const GB10 =
  'GPU-gb10, NVIDIA GB10, 0000000F:01:00.0, 580.95.05, [N/A], [N/A], 0, 38, 4.81, [N/A], 12.1, [Not Supported], 5, 16';

const survey = async (
  scripts: Readonly<Record<string, string>>,
  controllers: readonly unknown[] = [],
): Promise<GpuSurvey> => {
  const { tool, folder } = await fakeTools(scripts);
  return surveyGpus({
    tool,
    graphics: async () => ({ controllers }),
    systemMemoryBytes: SYSTEM_MEMORY,
    driverDirectory: join(folder, 'no-driver'),
  });
};

const full4090 = {
  uuid: 'GPU-4090',
  name: 'NVIDIA GeForce RTX 4090',
  vendor: 'nvidia',
  vram_total_bytes: 24_564 * MIB,
  vram_used_bytes: 512 * MIB,
  driver: '550.54.14',
  compute_capability: '8.9',
  pcie: { generation: 4, width: 16 },
  utilisation_percent: 7,
  temperature_celsius: 41,
  power_draw_watts: 23,
  power_limit_watts: 450,
};

test('tells all of an RTX 4090, and leaves out what the tool cannot know', async () => {
  expect(await survey({ 'nvidia-smi': says([RTX_4090]) })).toEqual({ gpus: [full4090], lost: [] });
});

test('tells who holds memory of a GPU, by number and not by name', async () => {
  const apps = says(['GPU-4090, 4711, 20480', 'GPU-4090, 815, [N/A]', 'GPU-other, 7, 1', 'nonsense']);
  const { gpus } = await survey({
    'nvidia-smi': `case "$1" in --query-compute-apps=gpu_uuid,pid,used_memory)\n${apps}\n;; esac\n${says([RTX_4090])}`,
  });
  expect(gpus).toEqual([{ ...full4090, processes: [{ pid: 4711, vram_bytes: 20_480 * MIB }, { pid: 815 }] }]);
});

test('lists the MIG instances of an A100 by UUID', async () => {
  const listing = says([
    'GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-a100)',
    '  MIG 3g.20gb     Device  0: (UUID: MIG-7089d0f3)',
    '  MIG 1g.5gb      Device  1: (UUID: MIG-11aa22bb)',
  ]);
  const { gpus } = await survey({ 'nvidia-smi': `if [ "$1" = -L ]; then\n${listing}\nfi\n${says([A100])}` });
  expect(gpus).toMatchObject([
    {
      uuid: 'GPU-a100',
      mig: [
        { uuid: 'MIG-7089d0f3', profile: '3g.20gb' },
        { uuid: 'MIG-11aa22bb', profile: '1g.5gb' },
      ],
    },
  ]);
  expect(gpus[0]).not.toHaveProperty('utilisation_percent');
});

test('gives a GPU without memory of its own that of the system', async () => {
  const { gpus, lost } = await survey({ 'nvidia-smi': says([GB10]) });
  expect(gpus).toEqual([
    {
      uuid: 'GPU-gb10',
      name: 'NVIDIA GB10',
      vendor: 'nvidia',
      vram_total_bytes: SYSTEM_MEMORY,
      unified_memory: true,
      driver: '580.95.05',
      compute_capability: '12.1',
      pcie: { generation: 5, width: 16 },
      utilisation_percent: 0,
      temperature_celsius: 38,
      power_draw_watts: 5,
    },
  ]);
  expect(lost).toEqual([]);
});

test.each([
  {
    how: 'an error line',
    line: 'Unable to determine the device handle for GPU 0000:02:00.0: GPU is lost. Reboot the system',
    place: '0000:02:00.0',
    reason: 'Unable to determine the device handle for GPU 0000:02:00.0: GPU is lost. Reboot the system',
  },
  {
    how: 'a line of errors',
    line: `GPU-gone, NVIDIA GeForce RTX 4090, 00000000:02:00.0, 550.54.14${', [Unknown Error]'.repeat(10)}`,
    place: 'GPU-gone',
    reason: 'nvidia-smi tells of its memory: [Unknown Error]',
  },
])('tells the one GPU and the loss of the other, known by $how', async ({ line, place, reason }) => {
  expect(await survey({ 'nvidia-smi': says([RTX_4090, line], 15) })).toEqual({
    gpus: [full4090],
    lost: [{ place, reason }],
  });
});

test('asks an old driver the short question when it refuses the long one', async () => {
  const refuses = `case "$1" in *compute_cap*)\n${says(['Field "compute_cap" is not a valid field to query.'], 2)};;\nesac`;
  const short = 'GPU-k80, Tesla K80, 00000000:04:00.0, 470.82.01, 11441, 0, 0, 36, 26.54, 149.00';
  const { gpus } = await survey({ 'nvidia-smi': `${refuses}\n${says([short])}` });
  expect(gpus).toEqual([
    {
      uuid: 'GPU-k80',
      name: 'Tesla K80',
      vendor: 'nvidia',
      vram_total_bytes: 11_441 * MIB,
      vram_used_bytes: 0,
      driver: '470.82.01',
      utilisation_percent: 0,
      temperature_celsius: 36,
      power_draw_watts: 27,
      power_limit_watts: 149,
    },
  ]);
});

test('tries a tool that fails once more, in the C locale and without the settings of the node', async () => {
  const { tool, folder } = await fakeTools({});
  const log = join(folder, 'runs');
  // The question after it, for the processes, is not counted.
  const body = `case "$1" in --query-compute*) exit 0;; esac\necho "$LC_ALL $NODE_ENV." >> ${log}\nread -r first < ${log}\n`;
  const second = `n=0; while read -r line; do n=$((n+1)); done < ${log}\n[ $n -ge 2 ] || exit 9`;
  await writeFile(join(folder, 'nvidia-smi'), `#!/bin/sh\n${body}${second}\n${says([RTX_4090])}\n`, {
    mode: 0o755,
  });
  const found = await surveyGpus({
    tool,
    graphics: async () => ({ controllers: [] }),
    systemMemoryBytes: SYSTEM_MEMORY,
    driverDirectory: join(folder, 'no-driver'),
  });
  expect(found).toEqual({ gpus: [full4090], lost: [] });
  expect(await readFile(log, 'utf8')).toBe('C .\nC .\n');
});

test('lets go of a tool that hangs, tells which GPUs it hides, and keeps the library from running it', async () => {
  const { tool, folder } = await fakeTools({ 'nvidia-smi': 'exec /bin/sleep 600' }, 50);
  const driverDirectory = join(folder, 'gpus');
  await mkdir(join(driverDirectory, '0000:01:00.0'), { recursive: true });
  await writeFile(join(driverDirectory, '0000:01:00.0', 'information'), 'GPU UUID: \t GPU-89ab-cdef\n');
  const found = await surveyGpus({
    tool,
    graphics: () => {
      throw new Error('asked although the tool hangs');
    },
    systemMemoryBytes: SYSTEM_MEMORY,
    driverDirectory,
  });
  expect(found).toEqual({
    gpus: [],
    lost: [{ place: 'GPU-89ab-cdef', reason: 'nvidia-smi does not answer' }],
  });
});

test('finds no GPU, and no fault, where no tool is installed', async () => {
  expect(await survey({})).toEqual({ gpus: [], lost: [] });
  expect(await survey({ 'nvidia-smi': says(['No devices were found'], 6) })).toEqual({ gpus: [], lost: [] });
});

const ROCM = {
  card0: {
    'Unique ID': '0x1a2b3c4d5e6f7788',
    'Card Series': 'Radeon RX 7900 XTX',
    'GFX Version': 'gfx1100',
    'VRAM Total Memory (B)': '25753026560',
    'VRAM Total Used Memory (B)': '27295744',
    'GPU use (%)': '3',
    'Temperature (Sensor edge) (C)': '46.0',
    'Temperature (Sensor junction) (C)': '51.0',
    'Average Graphics Package Power (W)': '17.0',
    'Max Graphics Package Power (W)': '327.0',
    'PCI Bus': '0000:03:00.0',
  },
  card1: { 'Unique ID': 'N/A', 'PCI Bus': '0000:0C:00.0', 'VRAM Total Memory (B)': 536870912 },
  system: { 'Driver version': '6.8.5' },
};

test("tells AMD's GPUs from rocm-smi once, and those of other vendors from the list of controllers", async () => {
  const found = await survey({ 'rocm-smi': says(['WARNING: low power', JSON.stringify(ROCM)]) }, [
    { vendor: 'Advanced Micro Devices, Inc. [AMD/ATI]', model: 'Navi 31', vram: 24_576 },
    { vendor: 'Intel Corporation', model: 'Arc A770', busAddress: '0000:04:00.0', vram: 16_384 },
  ]);
  expect(found.gpus).toEqual([
    {
      uuid: 'GPU-1a2b3c4d5e6f7788',
      name: 'Radeon RX 7900 XTX',
      vendor: 'amd',
      vram_total_bytes: 25_753_026_560,
      vram_used_bytes: 27_295_744,
      driver: '6.8.5',
      compute_capability: 'gfx1100',
      utilisation_percent: 3,
      temperature_celsius: 46,
      power_draw_watts: 17,
      power_limit_watts: 327,
    },
    {
      uuid: 'pci:0000:0c:00.0',
      name: 'AMD GPU',
      vendor: 'amd',
      vram_total_bytes: 512 * MIB,
      driver: '6.8.5',
    },
    { uuid: 'pci:0000:04:00.0', name: 'Intel Corporation Arc A770', vram_total_bytes: 16_384 * MIB },
  ]);
});

test('takes no GPU from a rocm-smi that says nonsense', async () => {
  expect(await survey({ 'rocm-smi': says(['{"card0": 7}']) })).toEqual({ gpus: [], lost: [] });
  expect(await survey({ 'rocm-smi': says(['{not json}'], 2) })).toEqual({ gpus: [], lost: [] });
});

test('a profile with everything in it passes the schema unchanged', async () => {
  const gone = 'Unable to determine the device handle for GPU 0000:02:00.0: Unknown Error';
  const { tool } = await fakeTools({ 'nvidia-smi': says([RTX_4090, gone], 15) });
  const engine = {
    kind: 'docker',
    version: '20.10.24',
    api_version: '1.41',
    gpu_injection: 'none',
    cgroup: '2',
    rootless: false,
  };
  const profile = await createSystemHostProbe({
    dataDirectory: tmpdir(),
    vendorTool: tool,
    containerEngine: async () => engine,
  }).probe();
  expect(hardwareProfile.parse(profile)).toEqual(profile);
  expect(profile).toMatchObject({ gpus: [full4090], lost_gpus: [{ place: '0000:02:00.0' }], engine });
});
