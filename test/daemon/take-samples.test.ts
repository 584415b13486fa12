// The figures of one second, summed over the networks, from the counts as they rise.
import { expect, test } from 'vitest';
import { takeSamples } from '../../src/daemon/take-samples.js';
import { createServingFigures } from '../../src/services/serving-figures.js';
import { RUNNING } from '../doctor/subject.js';

const jobs = { running: 2, queued: 1, slots: 4, outbox: 3, credits: 5 };
const nodeWith = () => {
  const figures = createServingFigures();
  const own = () => ({
    ...RUNNING,
    ...RUNNING.network,
    jobs,
    hasRuntime: true,
    runtimeHolder: null,
    order: null,
  });
  return { figures, view: { own } };
};
const gpu = { uuid: 'GPU-1', name: 'L4', vram_total_bytes: 24 };

test('tells the tokens since the last look by the second, and the median of the first ones', () => {
  const nodes = [nodeWith(), nodeWith()] as const;
  let now = 0;
  const clock = { nowMs: () => 7, monotonicMs: () => now };
  const hardware = { peek: () => undefined, get: () => expect.unreachable() };
  const take = takeSamples({ nodes, hardware, clock });
  for (let token = 0; token < 30; token++) nodes[0].figures.noteChunk();
  for (let token = 0; token < 15; token++) nodes[1].figures.noteChunk();
  for (const ms of [90, 10, 30]) nodes[0].figures.noteFirstToken(ms);
  nodes[1].figures.noteFirstToken(50);
  now = 1_500;
  expect(take()).toEqual({
    atMs: 7,
    tokensPerSecond: 30,
    firstTokenMs: 40,
    running: 4,
    queued: 2,
    outbox: 6,
    gpus: [],
  });
  now = 2_500;
  expect(take()).toMatchObject({ tokensPerSecond: 0, firstTokenMs: null });
});

test('tells of a GPU what its driver tells, and null for the rest', () => {
  const told = { ...gpu, vram_used_bytes: 6, utilisation_percent: 55, temperature_celsius: 61 };
  const profile = { gpus: [told, gpu] } as never;
  const take = takeSamples({
    nodes: [],
    hardware: { peek: () => profile, get: () => profile },
    clock: { nowMs: () => 0, monotonicMs: () => 0 },
  });
  expect(take().gpus).toEqual([
    { name: 'L4', usedBytes: 6, totalBytes: 24, utilisation: 0.55, celsius: 61 },
    { name: 'L4', usedBytes: null, totalBytes: 24, utilisation: null, celsius: null },
  ]);
});
