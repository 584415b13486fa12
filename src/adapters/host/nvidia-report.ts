// What nvidia-smi prints, read line by line: a GPU that is lost spoils its own line only.
import type { HardwareProfile } from '../../protocol/hardware.js';

export type Gpu = HardwareProfile['gpus'][number];
export type LostGpu = NonNullable<HardwareProfile['lost_gpus']>[number];

/** What every driver since 2014 can tell. */
export const SHORT_FIELDS = [
  'uuid',
  'name',
  'pci.bus_id',
  'driver_version',
  'memory.total',
  'memory.used',
  'utilization.gpu',
  'temperature.gpu',
  'power.draw',
  'power.limit',
] as const;
/** `compute_cap` came with driver 510; a driver that does not know one field refuses them all. */
export const LONG_FIELDS = [
  ...SHORT_FIELDS,
  'compute_cap',
  'mig.mode.current',
  'pcie.link.gen.max',
  'pcie.link.width.max',
] as const;

type Field = (typeof LONG_FIELDS)[number];

export interface NvidiaReport {
  readonly gpus: readonly Gpu[];
  readonly lost: readonly LostGpu[];
}

const MIB = 1024 * 1024;

/** `[N/A]`, `[Not Supported]`, `[Unknown Error]`, and the same without brackets as older drivers print them. */
const ABSENT = /^(\[.*\]|n\/a|not supported|unknown error)?$/i;
const told = (value: string | undefined): string | undefined =>
  value === undefined || ABSENT.test(value) ? undefined : value;
const whole = (value: string | undefined): number | undefined => {
  const number = Number(told(value) ?? Number.NaN);
  return Number.isFinite(number) ? Math.round(number) : undefined;
};
const wholeNotNegative = (value: string | undefined): number | undefined => {
  const number = whole(value);
  return number === undefined || number < 0 ? undefined : number;
};

const PLACE = /\b[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-9a-f]\b/i;
/**
 * @param output of `--query-gpu=<fields> --format=csv,noheader,nounits`
 * @param systemMemoryBytes the memory of a GPU that has none of its own (GB10, Jetson)
 */
export const readNvidiaReport = (
  output: string,
  fields: readonly Field[],
  systemMemoryBytes: number,
): NvidiaReport => {
  const gpus: Gpu[] = [];
  const lost: LostGpu[] = [];
  for (const line of output.split(/\r?\n/).map((one) => one.trim())) {
    if (line === '') continue;
    const values = line.split(', ').map((value) => value.trim());
    if (values.length !== fields.length) {
      // Only a complaint about one GPU is a lost GPU; the tool's general remarks are not.
      const place = PLACE.exec(line)?.[0];
      if (place !== undefined) lost.push({ place, reason: line.slice(0, 200) });
      continue;
    }
    const at: At = (field) => values[fields.indexOf(field)];
    const gpu = gpuOf(at, systemMemoryBytes);
    if (gpu === undefined) lost.push(lostGpu(at));
    else gpus.push(gpu);
  }
  return { gpus, lost };
};

type At = (field: Field) => string | undefined;

/** Of a line that tells no memory: named as far as the line still names it. */
const lostGpu = (at: At): LostGpu => {
  const place = told(at('uuid')) ?? told(at('pci.bus_id'));
  const reason = `nvidia-smi tells of its memory: ${at('memory.total')}`.slice(0, 200);
  return { ...(place !== undefined && { place: place.slice(0, 96) }), reason };
};

const gpuOf = (at: At, systemMemoryBytes: number): Gpu | undefined => {
  const uuid = told(at('uuid'));
  const memoryMib = wholeNotNegative(at('memory.total'));
  const unified = memoryMib === undefined && /^\[?(n\/a|not supported)\]?$/i.test(at('memory.total') ?? '');
  if (uuid === undefined || (memoryMib === undefined && !unified)) return undefined;
  const usedMib = wholeNotNegative(at('memory.used'));
  const driver = told(at('driver_version'));
  const capability = told(at('compute_cap'));
  const generation = wholeNotNegative(at('pcie.link.gen.max'));
  const width = wholeNotNegative(at('pcie.link.width.max'));
  const utilisation = wholeNotNegative(at('utilization.gpu'));
  const temperature = whole(at('temperature.gpu'));
  const draw = wholeNotNegative(at('power.draw'));
  const limit = wholeNotNegative(at('power.limit'));
  return {
    uuid: uuid.slice(0, 96),
    name: (told(at('name')) ?? 'unknown GPU').slice(0, 128),
    vendor: 'nvidia',
    vram_total_bytes: memoryMib === undefined ? systemMemoryBytes : memoryMib * MIB,
    ...(usedMib !== undefined && { vram_used_bytes: usedMib * MIB }),
    ...(unified && { unified_memory: true }),
    ...(driver !== undefined && { driver: driver.slice(0, 64) }),
    ...(capability !== undefined && { compute_capability: capability.slice(0, 32) }),
    ...((generation !== undefined || width !== undefined) && {
      pcie: { ...(generation !== undefined && { generation }), ...(width !== undefined && { width }) },
    }),
    ...(utilisation !== undefined && { utilisation_percent: utilisation }),
    ...(temperature !== undefined && { temperature_celsius: temperature }),
    ...(draw !== undefined && { power_draw_watts: draw }),
    ...(limit !== undefined && { power_limit_watts: limit }),
    ...(told(at('mig.mode.current'))?.toLowerCase() === 'enabled' && { mig: [] }),
  };
};

/** @param listing of `nvidia-smi -L`; @returns the MIG instances by the UUID of the GPU they are cut from */
export const readMigInstances = (listing: string): ReadonlyMap<string, NonNullable<Gpu['mig']>> => {
  const instances = new Map<string, NonNullable<Gpu['mig']>>();
  let of = '';
  for (const line of listing.split(/\r?\n/)) {
    of = /^GPU \d+:.*\(UUID: (GPU-[^)]+)\)/.exec(line)?.[1] ?? of;
    const [, profile, uuid] = /^\s+MIG (\S+)\s+Device\s+\d+:\s+\(UUID: (MIG-[^)]+)\)/.exec(line) ?? [];
    if (of === '' || profile === undefined || uuid === undefined) continue;
    const known = instances.get(of) ?? [];
    if (known.length < 16)
      instances.set(of, [...known, { uuid: uuid.slice(0, 96), profile: profile.slice(0, 32) }]);
  }
  return instances;
};
