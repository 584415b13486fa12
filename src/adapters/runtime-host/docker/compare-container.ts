// Finds what somebody altered on a container: what the engine says it runs, against what it was asked to run.
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { type ContainerBody, SEAL } from './container-body.js';

// The engine writes null for an empty list, and which fields it leaves out depends on its version.
const list = z
  .array(z.string())
  .nullish()
  .transform((found) => found ?? []);
const open = z
  .array(z.unknown())
  .nullish()
  .transform((found) => found ?? []);

export const inspectedContainer = z.object({
  Id: z.string(),
  Name: z.string(),
  Image: z.string(),
  State: z.object({
    Status: z.string(),
    Paused: z.boolean(),
    OOMKilled: z.boolean(),
    Pid: z.number(),
    ExitCode: z.number(),
    StartedAt: z.string(),
  }),
  Config: z.object({
    Image: z.string(),
    User: z.string(),
    Entrypoint: list,
    Cmd: list,
    Env: list,
    Labels: z
      .record(z.string(), z.string())
      .nullish()
      .transform((found) => found ?? {}),
  }),
  HostConfig: z.object({
    NetworkMode: z.string(),
    IpcMode: z.string(),
    PidMode: z.string(),
    ReadonlyRootfs: z.boolean(),
    Privileged: z.boolean(),
    CapAdd: list,
    CapDrop: list,
    SecurityOpt: list,
    Binds: list,
    Devices: open,
    DeviceRequests: open,
    PidsLimit: z.number().nullish(),
    Memory: z.number(),
    MemorySwap: z.number(),
    NanoCpus: z.number(),
    ShmSize: z.number(),
    RestartPolicy: z.object({ Name: z.string() }),
    Tmpfs: z
      .record(z.string(), z.string())
      .nullish()
      .transform((found) => found ?? {}),
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

const mountLine = (type: string, source: string, target: string, writable: boolean) =>
  `${type} ${source} ${target} ${writable ? 'rw' : 'ro'}`;

/** What must hold without knowing the spec: the seal, and nothing slipped in. */
const sealPairs = ({
  HostConfig: host,
  NetworkSettings,
}: InspectedContainer): [string, unknown, unknown][] => [
  ...Object.entries(SEAL).map(([field, asked]): [string, unknown, unknown] => [
    `HostConfig.${field}`,
    host[field as keyof typeof SEAL],
    asked,
  ]),
  ['HostConfig.CapAdd', host.CapAdd, []],
  ['HostConfig.PidMode', host.PidMode, ''],
  ['HostConfig.Binds', host.Binds, []],
  ['HostConfig.Devices', host.Devices, []],
  ['HostConfig.RestartPolicy', host.RestartPolicy.Name, 'no'],
  ['NetworkSettings.Networks', Object.keys(NetworkSettings.Networks).filter((name) => name !== 'none'), []],
];

const bodyPairs = (found: InspectedContainer, body: ContainerBody): [string, unknown, unknown][] => {
  const { Config: config, HostConfig: host } = found;
  const asked = body.HostConfig;
  return [
    ['Name', found.Name, `/${body.name}`],
    ['Config.Image', config.Image, body.Image],
    ['Config.User', config.User, body.User],
    ['Config.Entrypoint', config.Entrypoint, body.Entrypoint],
    ['Config.Cmd', config.Cmd, body.Cmd],
    // The image adds variables of its own.
    ['Config.Env', body.Env.filter((line) => !config.Env.includes(line)), []],
    ['HostConfig.PidsLimit', host.PidsLimit ?? 0, asked.PidsLimit],
    ['HostConfig.Memory', host.Memory, asked.Memory],
    ['HostConfig.MemorySwap', host.MemorySwap, asked.MemorySwap],
    ['HostConfig.NanoCpus', host.NanoCpus, asked.NanoCpus],
    ['HostConfig.ShmSize', host.ShmSize, asked.ShmSize],
    ['HostConfig.Tmpfs', host.Tmpfs, asked.Tmpfs],
    ['HostConfig.DeviceRequests', host.DeviceRequests.length, asked.DeviceRequests.length],
    [
      'Mounts',
      found.Mounts.filter(({ Type }) => Type !== 'tmpfs')
        .map((mount) => mountLine(mount.Type, mount.Name ?? mount.Source, mount.Destination, mount.RW))
        .sort(),
      asked.Mounts.map((mount) => mountLine(mount.Type, mount.Source, mount.Target, !mount.ReadOnly)).sort(),
    ],
  ];
};

/**
 * @param body what was asked; undefined where an earlier Agent asked, then only what holds for every Runtime is compared
 * @returns names of the fields that differ, e.g. `HostConfig.NetworkMode`
 */
export const alteredFields = (
  found: InspectedContainer,
  body: ContainerBody | undefined,
): readonly string[] =>
  [...sealPairs(found), ...(body === undefined ? [] : bodyPairs(found, body))]
    .filter(([, actual, asked]) => !isDeepStrictEqual(actual, asked))
    .map(([field]) => field);
