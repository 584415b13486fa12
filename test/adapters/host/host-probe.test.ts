import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os, { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../src/adapters/host/clock.js';
import { gpusOf, nvidiaUuids } from '../../../src/adapters/host/graphics.js';
import { ManualClock } from '../../../src/adapters/host/manual-clock.js';
import { createSystemHostProbe, type HostQuestions } from '../../../src/adapters/host/system-host-probe.js';
import { hardwareProfile } from '../../../src/protocol/hardware.js';

const GIB = 1024 ** 3;

test('profiles this very host', async () => {
  const profile = await createSystemHostProbe({ dataDirectory: tmpdir() }).probe();
  expect(hardwareProfile.parse(profile)).toEqual(profile);
  expect(profile.cpu.cores).toBeGreaterThan(0);
  expect(profile.ram_bytes.total).toBeGreaterThan(profile.ram_bytes.free - 1);
  expect(profile.disk_bytes.total).toBeGreaterThan(0);
  expect(profile.os).toMatch(/\S/);
});

test('lets each part fail or hang on its own and still answers in time', async () => {
  const questions: HostQuestions = {
    cpu: () => Promise.reject(new Error('no lscpu')),
    mem: () => new Promise(() => undefined),
    graphics: () => new Promise(() => undefined),
    osInfo: () => Promise.resolve({ distro: 7 }),
  };
  const profile = await createSystemHostProbe({
    dataDirectory: '/not/there',
    withinMs: 5,
    gpusWithinMs: 5,
    questions: async () => questions,
  }).probe();
  expect(hardwareProfile.parse(profile)).toMatchObject({
    gpus: [],
    cpu: { cores: os.availableParallelism() },
    disk_bytes: { total: 0, free: 0 },
    os: `${os.type()} ${os.release()} (${os.arch()})`,
  });
  expect(profile.ram_bytes.total).toBeGreaterThan(0);
});

test('answers without the library as well', async () => {
  const profile = await createSystemHostProbe({
    dataDirectory: tmpdir(),
    questions: () => Promise.reject(new Error('not installed')),
  }).probe();
  expect(hardwareProfile.parse(profile).cpu.cores).toBe(os.availableParallelism());
});

test('counts a GPU only where there is memory of its own, and names it by UUID or place', () => {
  const answer = {
    controllers: [
      // As on a host with nvidia-smi, an integrated adapter and a virtual machine's display.
      {
        vendor: 'NVIDIA Corporation',
        model: 'AD102',
        name: 'NVIDIA GeForce RTX 4090',
        pciBus: '00000000:01:00.0',
        busAddress: '01:00.0',
        vram: 32,
        vramDynamic: false,
        memoryTotal: 24_564,
        memoryUsed: 512,
        driverVersion: '550.54.14',
      },
      {
        vendor: 'AMD',
        model: 'Radeon RX 7900',
        busAddress: '0000:03:00.0',
        vram: 24_576,
        vramDynamic: false,
      },
      { vendor: 'Intel', model: 'UHD 770', busAddress: '00:02.0', vram: 256, vramDynamic: true },
      { vendor: 'Cirrus Logic', model: 'GD 5446', busAddress: '00:03.0', vram: null, vramDynamic: false },
      'not a controller',
    ],
    displays: [],
  };
  expect(gpusOf(answer, new Map([['0000:01:00.0', 'GPU-1234-abcd']]))).toEqual([
    {
      uuid: 'GPU-1234-abcd',
      name: 'NVIDIA GeForce RTX 4090',
      vram_total_bytes: 24_564 * 1024 ** 2,
      vram_used_bytes: GIB / 2,
      driver: '550.54.14',
    },
    { uuid: 'pci:0000:03:00.0', name: 'AMD Radeon RX 7900', vram_total_bytes: 24 * GIB },
  ]);
});

test("reads UUIDs from the NVIDIA driver's own files", async () => {
  const directory = await mkdtemp(join(tmpdir(), 'resultity-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  await mkdir(join(directory, '0000:01:00.0'));
  await mkdir(join(directory, '0000:02:00.0'));
  const information =
    'Model: \t\t NVIDIA L4\nIRQ:   \t\t 16\nGPU UUID: \t GPU-89ab-cdef\nVideo BIOS: \t 95.04\n';
  await writeFile(join(directory, '0000:01:00.0', 'information'), information);
  expect(await nvidiaUuids(directory)).toEqual(new Map([['0000:01:00.0', 'GPU-89ab-cdef']]));
  expect(await nvidiaUuids(join(directory, 'none'))).toEqual(new Map());
});

test('steers a manual clock: time passes on both readings, a set jumps on one', () => {
  const clock = new ManualClock(1_000);
  clock.advance(5);
  clock.set(10);
  expect([clock.nowMs(), clock.monotonicMs()]).toEqual([10, 5]);
  expect(() => clock.advance(-1)).toThrow(RangeError);
  const before = systemClock.monotonicMs();
  expect(systemClock.monotonicMs()).toBeGreaterThanOrEqual(before);
  expect(Math.abs(systemClock.nowMs() - Date.now())).toBeLessThan(1_000);
});
