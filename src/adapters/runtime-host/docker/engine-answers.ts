// What is read of the Docker Engine's answers, checked; everything else in them is dropped.
import { z } from 'zod';
import { engineUnavailable } from './docker-errors.js';

const strings = z
  .array(z.string())
  .nullish()
  .transform((found) => found ?? []);
const labels = z
  .record(z.string(), z.string())
  .nullish()
  .transform((found) => found ?? {});

export const engineInfo = z.object({
  Driver: z.string(),
  DockerRootDir: z.string(),
  NCPU: z.number(),
  MemTotal: z.number(),
  CgroupVersion: z.string().optional(),
  LiveRestoreEnabled: z.boolean().optional(),
  /** Without it the engine makes any bound on swap `-1`. */
  SwapLimit: z.boolean().optional(),
  SecurityOptions: strings,
  Runtimes: z
    .record(z.string(), z.unknown())
    .nullish()
    .transform((runtimes) => Object.keys(runtimes ?? {})),
  CDISpecDirs: strings,
  /** From API 1.50 on. */
  DiscoveredDevices: z.array(z.object({ ID: z.string() })).nullish(),
  Warnings: strings,
});

export type EngineInfo = z.infer<typeof engineInfo>;

export const imageDetails = z.object({
  Id: z.string(),
  RepoDigests: strings,
  Config: z
    .object({ Env: strings })
    .nullish()
    .transform((config) => config ?? { Env: [] }),
});

export type ImageDetails = z.infer<typeof imageDetails>;

export const listedContainers = z.array(
  z.object({
    Id: z.string(),
    State: z.string(),
    Labels: labels,
    HostConfig: z.object({ NetworkMode: z.string() }),
  }),
);

export type ListedContainer = z.infer<typeof listedContainers>[number];

/** @throws EngineUnavailableError `unsupported`, naming the field */
export const readAnswer = <Schema extends z.ZodType>(
  schema: Schema,
  what: string,
  value: unknown,
): z.infer<Schema> => {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const field = read.error.issues[0]?.path.join('.') || 'the whole';
  throw engineUnavailable('unsupported', `its answer on ${what} is not as expected: ${field}`, read.error);
};
