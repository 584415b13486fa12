// The hardware profile of this host. The only file that imports systeminformation, and only once it is asked.
import { statfs } from 'node:fs/promises';
import os from 'node:os';
import { z } from 'zod';
import type { HardwareProfile } from '../../protocol/hardware.js';
import { gpusOf, nvidiaUuids } from './graphics.js';
import type { HostProbe } from './host-probe.js';

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
 */
export const createSystemHostProbe = (options: {
  readonly dataDirectory: string;
  readonly withinMs?: number;
  readonly questions?: () => Promise<HostQuestions>;
}): HostProbe => {
  const { dataDirectory, withinMs = PROBE_WITHIN_MS } = options;
  const questions = options.questions ?? (async () => (await import('systeminformation')).default);

  return {
    async probe() {
      let timer: NodeJS.Timeout | undefined;
      const cut = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, withinMs);
      });
      const ask = async (name: keyof HostQuestions): Promise<unknown> => (await questions())[name]();
      try {
        const [gpus, cpu, ram_bytes, disk_bytes, osText] = await Promise.all([
          orElse(async () => gpusOf(await ask('graphics'), await nvidiaUuids()).slice(0, 64), [], cut),
          orElse(
            async () => {
              const { manufacturer, brand, cores } = cpuAnswer.parse(await ask('cpu'));
              return { model: `${manufacturer} ${brand}`.trim().slice(0, 128), cores };
            },
            {
              model: (os.cpus()[0]?.model ?? 'unknown').trim().slice(0, 128),
              cores: os.availableParallelism(),
            },
            cut,
          ),
          orElse(
            async () => {
              const { total, available } = memAnswer.parse(await ask('mem'));
              return shareOfMemory(total, available);
            },
            shareOfMemory(os.totalmem(), os.freemem()),
            cut,
          ),
          orElse(
            async () => {
              const disk = await statfs(dataDirectory);
              return { total: disk.blocks * disk.bsize, free: disk.bavail * disk.bsize };
            },
            { total: 0, free: 0 },
            cut,
          ),
          orElse(
            async () => {
              const { distro, release, kernel, arch } = osAnswer.parse(await ask('osInfo'));
              return `${distro} ${release} (${kernel}, ${arch})`.slice(0, 128);
            },
            `${os.type()} ${os.release()} (${os.arch()})`.slice(0, 128),
            cut,
          ),
        ]);
        return { gpus, cpu, ram_bytes, disk_bytes, os: osText };
      } finally {
        clearTimeout(timer);
      }
    },
  };
};
