// All that a pull takes: a registry, the front an engine sees of it, and a Runtime that must not notice anything.
import Docker from 'dockerode';
import { simulatorImage } from '../images/simulator-image.js';
import { type LayeredImage, publishImage } from './layered-image.js';
import { type RegistryFront, startRegistryFront } from './registry-front.js';
import { type ServingRuntime, startServingRuntime } from './serving-runtime.js';
import { startRegistry, type TestRegistry } from './start-registry.js';

export interface Publication {
  /** At the registry itself, `127.0.0.1:port/name`. */
  readonly repository: string;
  readonly digest: string;
  /** By digest, to be asked for at the front. */
  readonly image: string;
}

export interface RegistryScene {
  readonly docker: Docker;
  readonly registry: TestRegistry;
  readonly front: RegistryFront;
  readonly serving: ServingRuntime;
  /** Puts a new image into the registry; no engine has it. */
  publish(name: string, image: LayeredImage): Promise<Publication>;
  close(): Promise<void>;
}

export const KIB = 1024;

export const engineAt = (socketPath: string): Docker =>
  new Docker({ socketPath, host: undefined } as Docker.DockerOptions);

/** @param nodeId whose Runtime serves; one for each test file */
export const openScene = async (socketPath: string, nodeId: string): Promise<RegistryScene> => {
  const docker = engineAt(socketPath);
  const closings: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const closing of closings.reverse()) await closing();
  };
  try {
    const serving = await startServingRuntime(socketPath, await simulatorImage(docker), nodeId);
    closings.push(() => serving.remove());
    const registry = await startRegistry();
    closings.push(() => registry.remove());
    const front = await startRegistryFront(registry.address);
    closings.push(() => front.close());
    return {
      docker,
      registry,
      front,
      serving,
      async publish(name, image) {
        const repository = `${registry.address}/${name}`;
        const digest = await publishImage(docker, repository, image);
        return { repository, digest, image: `${front.address}/${name}@${digest}` };
      },
      close,
    };
  } catch (cause) {
    await close();
    throw cause;
  }
};

/** What a pull of this image fails with, while the Runtime serves. */
export const failureOf = (
  { host, during }: ServingRuntime,
  image: string,
  signal: AbortSignal = new AbortController().signal,
): Promise<unknown> =>
  during(() =>
    host
      .ensureImage(image, () => {}, signal)
      .then(
        (id) => {
          throw new Error(`the pull succeeded: ${id}`);
        },
        (failure: unknown) => failure,
      ),
  );

/** Nothing of this name is in the engine. */
export const isAbsent = (docker: Docker, image: string): Promise<boolean> =>
  docker
    .getImage(image)
    .inspect()
    .then(
      () => false,
      (failure: { statusCode?: number }) => {
        if (failure.statusCode === 404) return true;
        throw failure;
      },
    );
