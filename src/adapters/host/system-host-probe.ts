// The hardware profile of this host. The only file that imports systeminformation, and only once it is asked.
import { statfs } from 'node:fs/promises';
import os from 'node:os';
import { z } from 'zod';
import type { HardwareProfile } from '../../protocol/hardware.js';
import { cpuFlags } from './cpu-flags.js';
import { createGpuRoll } from './gpu-roll.js';
import type { HostProbe } from './host-probe.js';
import { type GpuSurvey, surveyGpus } from './survey-gpus.js';
import { createVendorTool, type VendorTool } from './vendor-tool.js';

/** The four questions, so that a test can let one hang or lie. */
export interface HostQuestions {
  cpu(): Promise<unknown>;
  mem(): Promise<unknown>;
  graphics(): Promise<unknown>;
  osInfo(): Promise<unknown>;
}

const cpuAnswer = z.object({ manufacturer: z.string(), brand: z.string(), cores: z.int().min(1) });
const memAnswer = z.object({ total: z.int().min(1), available: z.int().min(0) });
const osAnswer = z.object({
  distro: z.string().min(1),
  release: z.string(),
  kernel: z.string(),
  arch: z.string(),
});

const PROBE_WITHIN_MS = 3_000;
/** Two tries of a vendor's tool, ten seconds each, and the list of controllers after them. */
const GPUS_WITHIN_MS = 25_000;

type Changing = Pick<HardwareProfile, 'gpus' | 'lost_gpus' | 'ram_bytes' | 'disk_bytes'>;
type EngineFacts = NonNullable<HardwareProfile['engine']>;

/** Resolves with `fallback` when the work fails or `cut` comes first. */
const orElse = async <T>(work: () => Promise<T>, fallback: T, cut: Promise<void>): Promise<T> =>
  Promise.race([work().catch(() => fallback), cut.then(() => fallback)]);

/** A container's own share of memory, where the kernel limits it. Source: Node's `process.constrainedMemory`. */
const memoryLimit = (): number => {
  const limit = process.constrainedMemory();
  return limit > 0 ? limit : Number.POSITIVE_INFINITY;
};

const shareOfMemory = (total: number, free: number): HardwareProfile['ram_bytes'] => {
  const limited = Math.min(total, memoryLimit());
  return { total: limited, free: Math.min(free, limited) };
};

/**
 * @param options.dataDirectory the file system it lies on is the disk of the profile
 * @param options.withinMs 3000 unless told
 * @param options.gpusWithinMs 25 000 unless told
 * @param options.vendorTool how nvidia-smi and rocm-smi are run
 * @param options.containerEngine what is known of the engine; nothing where the node controls none
 */
export const createSystemHostProbe = (options: {
  readonly dataDirectory: string;
  readonly withinMs?: number;
  readonly gpusWithinMs?: number;
  readonly questions?: () => Promise<HostQuestions>;
  readonly vendorTool?: VendorTool;
  readonly containerEngine?: () => Promise<EngineFacts | undefined>;
}): HostProbe => {
  const { dataDirectory, withinMs = PROBE_WITHIN_MS, gpusWithinMs = GPUS_WITHIN_MS } = options;
  const { vendorTool = createVendorTool(), containerEngine = async () => undefined } = options;
  const questions = options.questions ?? (async () => (await import('systeminformation')).default);
  const ask = async (name: keyof HostQuestions): Promise<unknown> => (await questions())[name]();

  const roll = createGpuRoll();
  // Which controllers there are changes with a restart of the host only, and listing them starts several programs.
  let controllers: Promise<unknown> | undefined;
  const survey = async (): Promise<GpuSurvey> =>
    roll.call(
      await surveyGpus({
        tool: vendorTool,
        graphics: () => {
          controllers ??= ask('graphics');
          return controllers;
        },
        systemMemoryBytes: shareOfMemory(os.totalmem(), 0).total,
      }),
    );

  /** @param before what is told where the GPUs cannot be asked in time */
  const changing = async (soon: Deadline, later: Deadline, before: GpuSurvey): Promise<Changing> => {
    const [{ gpus, lost }, ram_bytes, disk_bytes] = await Promise.all([
      orElse(survey, before, later.passed),
      orElse(
        async () => {
          const { total, available } = memAnswer.parse(await ask('mem'));
          return shareOfMemory(total, available);
        },
        shareOfMemory(os.totalmem(), os.freemem()),
        soon.passed,
      ),
      orElse(() => diskOf(dataDirectory), { total: 0, free: 0 }, soon.passed),
    ]);
    return { gpus, ...(lost.length > 0 && { lost_gpus: lost }), ram_bytes, disk_bytes };
  };

  return {
    probe: () =>
      withDeadlines(withinMs, gpusWithinMs, async (soon, later) => {
        controllers = undefined;
        const [moving, cpu, flags, osText, engine] = await Promise.all([
          changing(soon, later, { gpus: [], lost: [] }),
          orElse(
            async () => {
              const { manufacturer, brand, cores } = cpuAnswer.parse(await ask('cpu'));
              return { model: `${manufacturer} ${brand}`.trim().slice(0, 128), cores };
            },
            {
              model: (os.cpus()[0]?.model ?? 'unknown').trim().slice(0, 128),
              cores: os.availableParallelism(),
            },
            soon.passed,
          ),
          orElse(() => cpuFlags(), undefined, soon.passed),
          orElse(
            async () => {
              const { distro, release, kernel, arch } = osAnswer.parse(await ask('osInfo'));
              return `${distro} ${release} (${kernel}, ${arch})`.slice(0, 128);
            },
            `${os.type()} ${os.release()} (${os.arch()})`.slice(0, 128),
            soon.passed,
          ),
          orElse(containerEngine, undefined, soon.passed),
        ]);
        return {
          ...moving,
          cpu: { ...cpu, ...(flags !== undefined && { flags }) },
          os: osText,
          ...(engine !== undefined && { engine }),
        };
      }),

    refresh: ({ gpus, lost_gpus: lost = [], ...last }) =>
      withDeadlines(withinMs, gpusWithinMs, async (soon, later) => ({
        ...last,
        ...(await changing(soon, later, { gpus, lost })),
      })),
  };
};

const diskOf = async (directory: string): Promise<HardwareProfile['disk_bytes']> => {
  const disk = await statfs(directory);
  return { total: disk.blocks * disk.bsize, free: disk.bavail * disk.bsize };
};

const withDeadlines = async <T>(
  soonMs: number,
  laterMs: number,
  work: (soon: Deadline, later: Deadline) => Promise<T>,
): Promise<T> => {
  const soon = deadline(soonMs);
  const later = deadline(laterMs);
  try {
    return await work(soon, later);
  } finally {
    soon.cancel();
    later.cancel();
  }
};

interface Deadline {
  readonly passed: Promise<void>;
  cancel(): void;
}

const deadline = (afterMs: number): Deadline => {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, afterMs);
  });
  return { passed, cancel: () => clearTimeout(timer) };
};
