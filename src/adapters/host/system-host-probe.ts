// The hardware profile of this host. The only file that imports systeminformation, and only once it is asked.
import { statfs } from 'node:fs/promises';
import os from 'node:os';
import { z } from 'zod';
import type { HardwareProfile } from '../../protocol/hardware.js';
import { cpuFlags } from './cpu-flags.js';
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

  const survey = (): Promise<GpuSurvey> =>
    surveyGpus({
      tool: vendorTool,
      graphics: () => ask('graphics'),
      systemMemoryBytes: shareOfMemory(os.totalmem(), 0).total,
    });

  return {
    async probe() {
      const soon = deadline(withinMs);
      const later = deadline(gpusWithinMs);
      try {
        const [{ gpus, lost }, cpu, flags, ram_bytes, disk_bytes, osText, engine] = await Promise.all([
          orElse(survey, { gpus: [], lost: [] }, later.passed),
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
              const { total, available } = memAnswer.parse(await ask('mem'));
              return shareOfMemory(total, available);
            },
            shareOfMemory(os.totalmem(), os.freemem()),
            soon.passed,
          ),
          orElse(
            async () => {
              const disk = await statfs(dataDirectory);
              return { total: disk.blocks * disk.bsize, free: disk.bavail * disk.bsize };
            },
            { total: 0, free: 0 },
            soon.passed,
          ),
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
          gpus,
          ...(lost.length > 0 && { lost_gpus: lost }),
          cpu: { ...cpu, ...(flags !== undefined && { flags }) },
          ram_bytes,
          disk_bytes,
          os: osText,
          ...(engine !== undefined && { engine }),
        };
      } finally {
        soon.cancel();
        later.cancel();
      }
    },
  };
};

const deadline = (afterMs: number): { readonly passed: Promise<void>; cancel(): void } => {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, afterMs);
  });
  return { passed, cancel: () => clearTimeout(timer) };
};
