// What is read of a container's inspection, and what it says of the container's course.
import { z } from 'zod';
import type { ContainerExit, RuntimeInspection } from '../runtime-host.js';

// The engine writes null for an empty list, and which fields it leaves out depends on its version.
const list = <Item extends z.ZodType>(item: Item) =>
  z
    .array(item)
    .nullish()
    .transform((found) => found ?? []);
const strings = list(z.string());
const texts = z
  .record(z.string(), z.string())
  .nullish()
  .transform((found) => found ?? {});

export const inspectedContainer = z.object({
  Id: z.string(),
  Name: z.string(),
  Image: z.string(),
  State: z.object({
    Status: z.string(),
    OOMKilled: z.boolean(),
    Pid: z.number(),
    ExitCode: z.number(),
    StartedAt: z.string(),
  }),
  Config: z.object({
    Image: z.string(),
    User: z.string(),
    Hostname: z.string().optional(),
    Entrypoint: strings,
    Cmd: strings,
    Env: strings,
    StopSignal: z.string().optional(),
    StopTimeout: z.number().nullish(),
    Labels: texts,
  }),
  HostConfig: z.object({
    NetworkMode: z.string(),
    IpcMode: z.string(),
    PidMode: z.string(),
    ReadonlyRootfs: z.boolean(),
    Privileged: z.boolean(),
    CapAdd: strings,
    CapDrop: strings,
    SecurityOpt: strings,
    Binds: strings,
    ExtraHosts: strings,
    Devices: list(z.unknown()),
    DeviceRequests: list(
      z.object({ Driver: z.string(), DeviceIDs: strings, Capabilities: list(z.array(z.string())) }),
    ),
    Init: z.boolean().nullish(),
    OomScoreAdj: z.number(),
    PidsLimit: z.number().nullish(),
    Memory: z.number(),
    MemorySwap: z.number(),
    NanoCpus: z.number(),
    ShmSize: z.number(),
    RestartPolicy: z.object({ Name: z.string() }),
    Tmpfs: texts,
    LogConfig: z.object({ Type: z.string(), Config: texts }),
    Ulimits: list(z.object({ Name: z.string(), Soft: z.number(), Hard: z.number() })),
  }),
  Mounts: z.array(
    z.object({
      Type: z.string(),
      Name: z.string().optional(),
      Source: z.string(),
      Destination: z.string(),
      RW: z.boolean(),
    }),
  ),
  NetworkSettings: z.object({ Networks: z.record(z.string(), z.unknown()) }),
});

export type InspectedContainer = z.infer<typeof inspectedContainer>;

const PHASES: Readonly<Record<string, Exclude<RuntimeInspection['phase'], 'absent'>>> = {
  created: 'created',
  running: 'running',
  paused: 'paused',
};

/** Everything else is past its end: `exited`, `dead`, `removing`; nothing of ours is ever `restarting`. */
export const phaseOf = ({ State }: InspectedContainer) => PHASES[State.Status] ?? 'exited';

/** Year 1 before the first start. */
export const startedMsOf = ({ State }: InspectedContainer): number | undefined => {
  const startedMs = Date.parse(State.StartedAt);
  return startedMs > 0 ? startedMs : undefined;
};

export const exitOf = (found: InspectedContainer): ContainerExit | undefined =>
  phaseOf(found) === 'exited'
    ? { code: found.State.ExitCode, outOfMemory: found.State.OOMKilled }
    : undefined;
