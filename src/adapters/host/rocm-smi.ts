// Asks rocm-smi for AMD's GPUs. Its keys are sentences that change between releases: each is looked up by what it says.
import { z } from 'zod';
import type { Gpu } from './nvidia-report.js';
import type { VendorTool } from './vendor-tool.js';

const QUESTION = [
  '--showuniqueid',
  '--showproductname',
  '--showmeminfo',
  'vram',
  '--showuse',
  '--showtemp',
  '--showpower',
  '--showmaxpower',
  '--showbus',
  '--showdriverversion',
  '--json',
];

const scalar = z.union([z.string(), z.number()]).transform(String).catch('N/A');
const rocmAnswer = z.record(z.string().max(64), z.record(z.string().max(128), scalar));

type Told = Readonly<Record<string, string>>;

const find = (told: Told, ...patterns: readonly RegExp[]): string | undefined => {
  for (const pattern of patterns) {
    const value = Object.entries(told).find(([key]) => pattern.test(key))?.[1];
    if (value !== undefined && value !== '' && !/^n\/a$/i.test(value)) return value;
  }
  return undefined;
};
const findNumber = (told: Told, ...patterns: readonly RegExp[]): number | undefined => {
  const number = Number(find(told, ...patterns) ?? Number.NaN);
  return Number.isFinite(number) && number >= 0 ? Math.round(number) : undefined;
};

/** @param answer the parsed output of `rocm-smi … --json`: cards by `card<n>`, the driver under `system` */
export const readRocmReport = (answer: unknown): Gpu[] => {
  const told = rocmAnswer.parse(answer);
  const driver = find(told.system ?? {}, /driver version/i);
  return Object.entries(told).flatMap(([card, facts]): Gpu[] => {
    const total = findNumber(facts, /vram total memory \(b\)/i);
    if (!card.startsWith('card') || total === undefined || total === 0) return [];
    const used = findNumber(facts, /vram total used memory \(b\)/i);
    const unique = find(facts, /unique id/i)?.replace(/^0x/, '');
    const place = find(facts, /pci bus/i)?.toLowerCase();
    const target = find(facts, /gfx version/i);
    const utilisation = findNumber(facts, /gpu use \(%\)/i);
    const temperature = findNumber(facts, /temperature.*edge/i, /temperature.*junction/i);
    const draw = findNumber(facts, /(average|current).*power \(w\)/i);
    const limit = findNumber(facts, /max.*power \(w\)/i);
    return [
      {
        // `GPU-<unique id>` is the name ROCm itself selects a device by.
        uuid: (unique !== undefined ? `GPU-${unique}` : place !== undefined ? `pci:${place}` : card).slice(
          0,
          96,
        ),
        name: (find(facts, /card series/i, /card model/i) ?? 'AMD GPU').slice(0, 128),
        vendor: 'amd',
        vram_total_bytes: total,
        ...(used !== undefined && { vram_used_bytes: used }),
        ...(driver !== undefined && { driver: driver.slice(0, 64) }),
        ...(target !== undefined && { compute_capability: target.slice(0, 32) }),
        ...(utilisation !== undefined && { utilisation_percent: utilisation }),
        ...(temperature !== undefined && { temperature_celsius: Math.min(temperature, 1_000) }),
        ...(draw !== undefined && { power_draw_watts: draw }),
        ...(limit !== undefined && { power_limit_watts: limit }),
      },
    ];
  });
};

/** AMD's GPUs; none where the tool is missing, hangs or says what is no answer. */
export const askRocmSmi = async (tool: VendorTool): Promise<Gpu[]> => {
  const answer = await tool('rocm-smi', QUESTION);
  if (answer.kind !== 'answered') return [];
  // Warnings surround the object.
  const json = /\{[\s\S]*\}/.exec(answer.output)?.[0];
  if (json === undefined) return [];
  try {
    return readRocmReport(JSON.parse(json));
  } catch {
    return [];
  }
};
