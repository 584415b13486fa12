// What a heartbeat tells of GPUs after the start: from the vendors' tools alone, with the lost ones named.
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createGpuRoll } from '../../../src/adapters/host/gpu-roll.js';
import { createSystemHostProbe } from '../../../src/adapters/host/system-host-probe.js';
import { hardwareProfile } from '../../../src/protocol/hardware.js';
import { fakeTools, says } from './fake-tools.js';

const lineOf = (uuid: string, temperature: number): string =>
  `${uuid}, NVIDIA L4, 00000000:01:00.0, 550.54.14, 23034, 1, 0, ${temperature}, 17.03, 72.00, 8.9, [N/A], 4, 16`;
const gpu = (uuid: string) => ({ uuid, name: 'L4', vendor: 'nvidia' as const, vram_total_bytes: 1 });

test('temperature and losses follow the tool; what does not change is not asked again', async () => {
  const { tool, folder } = await fakeTools({
    'nvidia-smi': says([lineOf('GPU-a', 40), lineOf('GPU-b', 41)]),
  });
  const asked: string[] = [];
  const questions = {
    cpu: async () => void asked.push('cpu'),
    mem: async () => void asked.push('mem'),
    graphics: async () => {
      asked.push('graphics');
      return { controllers: [] };
    },
    osInfo: async () => void asked.push('osInfo'),
  };
  let engines = 0;
  const probe = createSystemHostProbe({
    dataDirectory: tmpdir(),
    vendorTool: tool,
    questions: async () => questions,
    containerEngine: async () => {
      engines += 1;
      return {
        kind: 'docker',
        version: '1',
        api_version: '1',
        gpu_injection: 'none',
        cgroup: '2',
        rootless: false,
      };
    },
  });
  const first = await probe.probe();
  expect(first.gpus.map(({ uuid, temperature_celsius }) => [uuid, temperature_celsius])).toEqual([
    ['GPU-a', 40],
    ['GPU-b', 41],
  ]);

  asked.length = 0;
  await writeFile(join(folder, 'nvidia-smi'), `#!/bin/sh\n${says([lineOf('GPU-a', 77)])}\n`);
  const second = await probe.refresh(first);
  expect(hardwareProfile.parse(second)).toEqual(second);
  expect(second.gpus.map(({ uuid, temperature_celsius }) => [uuid, temperature_celsius])).toEqual([
    ['GPU-a', 77],
  ]);
  expect(second.lost_gpus).toEqual([{ place: 'GPU-b', reason: "its driver's tool no longer tells of it" }]);
  expect({ asked, engines, engine: second.engine, cpu: second.cpu }).toEqual({
    asked: ['mem'],
    engines: 1,
    engine: first.engine,
    cpu: first.cpu,
  });

  // A whole look remembers as well, and a GPU that is back is no longer lost.
  expect((await probe.probe()).lost_gpus).toHaveLength(1);
  await writeFile(
    join(folder, 'nvidia-smi'),
    `#!/bin/sh\n${says([lineOf('GPU-a', 50), lineOf('GPU-b', 51)])}\n`,
  );
  expect(await probe.refresh(second)).not.toHaveProperty('lost_gpus');
});

test('a lost GPU that the tool names by its place is not counted twice', () => {
  const roll = createGpuRoll();
  roll.call({ gpus: [gpu('GPU-a'), gpu('GPU-b')], lost: [] });
  const lost = [{ place: '0000:02:00.0', reason: 'Unknown Error' }];
  expect(roll.call({ gpus: [gpu('GPU-a')], lost })).toEqual({ gpus: [gpu('GPU-a')], lost });
  expect(roll.call({ gpus: [], lost }).lost.map(({ place }) => place)).toEqual([
    '0000:02:00.0',
    'GPU-a',
    'GPU-b',
  ]);
});

test('a GPU without a tool of its vendor is named anew each time, and never missed', () => {
  const roll = createGpuRoll();
  const { vendor: _, ...other } = gpu('pci:0000:04:00.0');
  roll.call({ gpus: [other], lost: [] });
  expect(roll.call({ gpus: [], lost: [] })).toEqual({ gpus: [], lost: [] });
});
