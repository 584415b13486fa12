// What an engine answers of a container that is as it was asked for.
import type { ContainerBody } from '../../../../src/adapters/runtime-host/docker/container-body.js';
import {
  type InspectedContainer,
  inspectedContainer,
} from '../../../../src/adapters/runtime-host/docker/inspected-container.js';

/** @param imageEnvironment variables the image adds, `NAME=value` */
export const inspectionOf = (
  body: ContainerBody,
  imageEnvironment: readonly string[] = [],
): InspectedContainer =>
  inspectedContainer.parse({
    Id: 'f'.repeat(64),
    Name: `/${body.name}`,
    Image: body.Image,
    State: {
      Status: 'running',
      OOMKilled: false,
      Pid: 4711,
      ExitCode: 0,
      StartedAt: '2026-01-01T00:00:00.123456789Z',
    },
    Config: { ...body, Env: [...body.Env, ...imageEnvironment] },
    // An engine writes null where nothing was asked.
    HostConfig: { ...body.HostConfig, PidMode: '', CapAdd: null, Binds: null, Devices: [] },
    Mounts: body.HostConfig.Mounts.map(({ Type, Source, Target, ReadOnly }) => ({
      Type,
      ...(Type === 'volume' ? { Name: Source, Source: `/volumes/${Source}` } : { Source }),
      Destination: Target,
      RW: !ReadOnly,
    })),
    NetworkSettings: { Networks: { none: {} } },
  });
