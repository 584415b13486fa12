// One look at the node's work, for the console's charts: what was done since the last look, and what there is now.
import type { Sample } from '../console/feed/feed-messages.js';
import type { HardwareProfile } from '../protocol/hardware.js';
import type { KeptHardware } from '../services/kept-hardware.js';
import type { ServingCounts } from '../services/serving-figures.js';
import type { OwnNode } from './assemble-node.js';

export interface SampleParts {
  readonly nodes: readonly {
    readonly figures: Pick<ServingCounts, 'generatedTokens' | 'follow'>;
    readonly view: Pick<OwnNode['view'], 'own'>;
  }[];
  readonly hardware: Pick<KeptHardware, 'peek' | 'get'>;
  readonly clock: { nowMs(): number; monotonicMs(): number };
}

/** @returns takes one sample; the first tells of the time since this call */
export const takeSamples = ({ nodes, hardware, clock }: SampleParts): (() => Sample) => {
  let firstTokens: number[] = [];
  const tokensNow = (): number => nodes.reduce((sum, { figures }) => sum + figures.generatedTokens, 0);
  let tokens = tokensNow();
  let atMonotonicMs = clock.monotonicMs();
  for (const { figures } of nodes) figures.follow({ firstToken: (ms) => void firstTokens.push(ms) });

  return () => {
    const seconds = Math.max(0.001, (clock.monotonicMs() - atMonotonicMs) / 1_000);
    const tokensPerSecond = (tokensNow() - tokens) / seconds;
    tokens = tokensNow();
    atMonotonicMs = clock.monotonicMs();
    const firstTokenMs = medianOf(firstTokens);
    firstTokens = [];
    const jobs = nodes.map(({ view }) => view.own().jobs);
    const sumOf = (name: 'running' | 'queued' | 'outbox'): number =>
      jobs.reduce((sum, one) => sum + one[name], 0);
    return {
      atMs: clock.nowMs(),
      tokensPerSecond: Math.round(tokensPerSecond * 10) / 10,
      firstTokenMs,
      running: sumOf('running'),
      queued: sumOf('queued'),
      outbox: sumOf('outbox'),
      // To ask is what keeps it fresh; before the first look there is nothing to ask for.
      gpus: hardware.peek() === undefined ? [] : hardware.get().gpus.map(gpuOf),
    };
  };
};

const gpuOf = (gpu: HardwareProfile['gpus'][number]): Sample['gpus'][number] => ({
  name: gpu.name,
  usedBytes: gpu.vram_used_bytes ?? null,
  totalBytes: gpu.vram_total_bytes,
  utilisation: gpu.utilisation_percent === undefined ? null : Math.min(1, gpu.utilisation_percent / 100),
  celsius: gpu.temperature_celsius ?? null,
});

/** @returns null for none */
const medianOf = (values: readonly number[]): number | null => {
  const sorted = [...values].sort((one, other) => one - other);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
};
