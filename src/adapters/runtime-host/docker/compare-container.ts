// Finds what somebody altered on a container: what the engine says it runs, against what it was asked to run.
import { isDeepStrictEqual } from 'node:util';
import { type ContainerBody, SEAL } from './container-body.js';
import type { InspectedContainer } from './inspected-container.js';
import { RUNTIME_NETWORK } from './runtime-body.js';

/** What a container was asked to be, and what its image adds to that. */
export interface AskedContainer {
  /** As the spec names it. */
  readonly image: string;
  readonly body: ContainerBody;
  /** Variables of the image, `NAME=value`. */
  readonly imageEnvironment: readonly string[];
}

/** Name of a field, what it is, what it was asked to be. */
type Pair = readonly [field: string, actual: unknown, asked: unknown];

const byName = <Item extends { readonly Name: string }>(items: readonly Item[]): Item[] =>
  [...items].sort((one, other) => (one.Name < other.Name ? -1 : 1));

const mountLine = (type: string, source: string, target: string, writable: boolean) =>
  `${type} ${source} ${target} ${writable ? 'rw' : 'ro'}`;

/** What must hold without knowing the spec: the seal, and nothing slipped in. */
const sealPairs = (found: InspectedContainer, networkMode: string): readonly Pair[] => {
  const { HostConfig: host, NetworkSettings } = found;
  return [
    ['HostConfig.NetworkMode', host.NetworkMode, networkMode],
    ...Object.entries(SEAL).map(
      ([field, asked]): Pair => [`HostConfig.${field}`, host[field as keyof typeof SEAL], asked],
    ),
    ['HostConfig.CapAdd', host.CapAdd, []],
    ['HostConfig.PidMode', host.PidMode, ''],
    ['HostConfig.Binds', host.Binds, []],
    ['HostConfig.Devices', host.Devices, []],
    ['HostConfig.RestartPolicy', host.RestartPolicy.Name, 'no'],
    [
      'NetworkSettings.Networks',
      Object.keys(NetworkSettings.Networks).filter((name) => name !== RUNTIME_NETWORK),
      [],
    ],
  ];
};

/** Variables of the image stay unless the body sets them too. */
const environmentOf = ({ body, imageEnvironment }: AskedContainer): readonly string[] => {
  const nameOf = (line: string) => line.slice(0, line.indexOf('='));
  const ours = new Set(body.Env.map(nameOf));
  return [...body.Env, ...imageEnvironment.filter((line) => !ours.has(nameOf(line)))].sort();
};

const configPairs = ({ Config: config }: InspectedContainer, asked: AskedContainer): readonly Pair[] => {
  const { body } = asked;
  return [
    ['Config.Image', config.Image, body.Image],
    ['Config.User', config.User, body.User],
    // One without a network of its own has the other container's.
    ['Config.Hostname', body.Hostname && config.Hostname, body.Hostname],
    ['Config.Entrypoint', config.Entrypoint, body.Entrypoint],
    ['Config.Cmd', config.Cmd, body.Cmd],
    ['Config.Env', [...config.Env].sort(), environmentOf(asked)],
    ['Config.StopSignal', config.StopSignal, body.StopSignal],
    ['Config.StopTimeout', config.StopTimeout, body.StopTimeout],
  ];
};

const boundPairs = ({ HostConfig: host }: InspectedContainer, body: ContainerBody): readonly Pair[] => {
  const asked = body.HostConfig;
  // The engine's own defaults may be added to ours, but take the place of none.
  const ulimits = host.Ulimits.filter(({ Name }) => asked.Ulimits.some((ulimit) => ulimit.Name === Name));
  const logOptions = Object.keys(asked.LogConfig.Config).map((key) => [key, host.LogConfig.Config[key]]);
  return [
    ['HostConfig.PidsLimit', host.PidsLimit ?? 0, asked.PidsLimit],
    ['HostConfig.Memory', host.Memory, asked.Memory],
    ['HostConfig.MemorySwap', host.MemorySwap, asked.MemorySwap],
    ['HostConfig.NanoCpus', host.NanoCpus, asked.NanoCpus],
    ['HostConfig.ShmSize', host.ShmSize, asked.ShmSize],
    ['HostConfig.OomScoreAdj', host.OomScoreAdj, asked.OomScoreAdj],
    ['HostConfig.Init', host.Init ?? false, asked.Init],
    ['HostConfig.Ulimits', byName(ulimits), byName(asked.Ulimits)],
    [
      'HostConfig.LogConfig',
      [host.LogConfig.Type, Object.fromEntries(logOptions)],
      ['local', asked.LogConfig.Config],
    ],
    ['HostConfig.ExtraHosts', host.ExtraHosts, asked.ExtraHosts],
    ['HostConfig.Tmpfs', host.Tmpfs, asked.Tmpfs],
    [
      'HostConfig.DeviceRequests',
      host.DeviceRequests,
      asked.DeviceRequests.map(({ Capabilities = [], ...request }) => ({ ...request, Capabilities })),
    ],
  ];
};

const mountPairs = (found: InspectedContainer, body: ContainerBody): readonly Pair[] => [
  [
    'Mounts',
    found.Mounts.filter(({ Type }) => Type !== 'tmpfs')
      .map((mount) => mountLine(mount.Type, mount.Name ?? mount.Source, mount.Destination, mount.RW))
      .sort(),
    body.HostConfig.Mounts.map(({ Type, Source, Target, ReadOnly }) =>
      mountLine(Type, Source, Target, !ReadOnly),
    ).sort(),
  ],
];

const bodyPairs = (found: InspectedContainer, asked: AskedContainer): readonly Pair[] => [
  ['Name', found.Name, `/${asked.body.name}`],
  ['Image', found.Image, asked.body.Image],
  ...configPairs(found, asked),
  ...boundPairs(found, asked.body),
  ...mountPairs(found, asked.body),
];

/**
 * @param asked undefined where an earlier Agent asked for a Runtime, then only what holds for every one is compared
 * @returns names of the fields that differ, e.g. `HostConfig.NetworkMode`
 */
export const alteredFields = (
  found: InspectedContainer,
  asked: AskedContainer | undefined,
): readonly string[] =>
  [
    ...sealPairs(found, asked?.body.HostConfig.NetworkMode ?? RUNTIME_NETWORK),
    ...(asked === undefined ? [] : bodyPairs(found, asked)),
  ]
    .filter(([, actual, wanted]) => !isDeepStrictEqual(actual, wanted))
    .map(([field]) => field);
