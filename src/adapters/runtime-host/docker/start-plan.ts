// What a start is about to ask of the engine: the spec, its images as they are here, and what this engine can do.
import type { ContainerSpec } from '../container-spec.js';
import { bridgeBody } from './bridge-body.js';
import type { AskedContainer } from './compare-container.js';
import type { ContainerOwner, EngineFacts } from './container-body.js';
import type { DockerClient } from './docker-client.js';
import { presentImage } from './ensure-image.js';
import { gpuInjectionOf, hasSecurityOption } from './host-report.js';
import { runtimeBody } from './runtime-body.js';

export interface StartPlan {
  readonly runtime: AskedContainer;
  /** undefined: the engine has a socket of its own. @param runtimeId the container it is put before */
  bridgeTo(runtimeId: string): AskedContainer | undefined;
}

/** @throws ImageError unless all images are here; ContainerStartError when the engine cannot do what is asked */
export const planStart = async (
  client: DockerClient,
  spec: ContainerSpec,
  owner: ContainerOwner,
  signal: AbortSignal,
): Promise<StartPlan> => {
  const info = await client.info(signal);
  const facts: EngineFacts = {
    gpuInjection: gpuInjectionOf(info),
    rootless: hasSecurityOption(info, 'rootless'),
    swapLimit: info.SwapLimit ?? true,
  };
  const { bridge } = spec;
  const image = await presentImage(client, spec.image, signal);
  const bridgeImage = bridge && (await presentImage(client, bridge.image, signal));
  return {
    runtime: {
      image: spec.image,
      body: runtimeBody(spec, owner, facts, image.Id),
      imageEnvironment: image.Config.Env,
    },
    bridgeTo: (runtimeId) =>
      bridge &&
      bridgeImage && {
        image: bridge.image,
        body: bridgeBody({ ...spec, bridge }, owner, facts, bridgeImage.Id, runtimeId),
        imageEnvironment: bridgeImage.Config.Env,
      },
  };
};
