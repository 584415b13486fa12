// The calls of the Docker Engine's API the host needs: parsed, bounded in time, errors typed, and the statuses that
// mean "done already" taken for success.
import { Readable } from 'node:stream';
import type { ContainerBody } from './container-body.js';
import { connectDocker } from './docker-connection.js';
import { statusOf, toImageError, toStartError } from './docker-errors.js';
import {
  type EngineInfo,
  engineInfo,
  type ImageDetails,
  imageDetails,
  type ListedContainer,
  listedContainers,
  readAnswer,
} from './engine-answers.js';
import { type EngineVersion, engineVersion } from './engine-version.js';
import { type InspectedContainer, inspectedContainer } from './inspected-container.js';
import { type Pieces, piecesOf } from './stream-lines.js';

/** Upper bounds, milliseconds. */
const CHANGE_MS = 120_000; // create, start, remove: hooks and unmounting; a pull's answer: registries are asked first
const KILL_MS = 30_000; // what a stop may take over its grace
const PULL_SILENCE_MS = 300_000; // unpacking and the engine's own retries are quiet for minutes

export interface DockerClient {
  version(signal?: AbortSignal): Promise<{ readonly version: EngineVersion; readonly api: string }>;
  info(signal?: AbortSignal): Promise<EngineInfo>;
  /** undefined: not here. */
  inspectImage(image: string, signal?: AbortSignal): Promise<ImageDetails | undefined>;
  /** News of the pull, see `followPull`. */
  pullImage(image: string, signal: AbortSignal): Promise<Pieces>;
  /** @param labels `name=value`, all of them */
  listContainers(labels: readonly string[], signal?: AbortSignal): Promise<readonly ListedContainer[]>;
  /** @param container id or name; undefined: there is none */
  inspectContainer(container: string, signal?: AbortSignal): Promise<InspectedContainer | undefined>;
  /** @param image as it was named, for the error */
  createContainer(body: ContainerBody, image: string, signal: AbortSignal): Promise<string>;
  startContainer(id: string, image: string, signal: AbortSignal): Promise<void>;
  /** One that has ended or is gone is stopped. */
  stopContainer(id: string, graceSeconds: number): Promise<void>;
  /** With force, and with its unnamed volumes. `removing`: somebody else is at it. */
  removeContainer(id: string): Promise<'removed' | 'removing'>;
  /** Frames of both streams; none where there is no log. */
  containerLog(id: string, lines: number): Promise<Uint8Array>;
  containerEvents(labels: readonly string[], signal: AbortSignal): Promise<Pieces>;
  isClosed(): boolean;
  close(): void;
}

export const createDockerClient = (socketPath: string): DockerClient => {
  const connection = connectDocker(socketPath);
  const { call } = connection;

  return {
    version: (signal) =>
      call(
        async ({ docker, api }) => ({
          version: readAnswer(engineVersion, 'its version', await docker.version()),
          api,
        }),
        { signal },
      ),

    info: (signal) =>
      call(async ({ docker }) => readAnswer(engineInfo, 'itself', await docker.info()), { signal }),

    inspectImage: (image, signal) =>
      call(
        async ({ docker }) => {
          const answer = await unless([404], docker.getImage(image).inspect());
          return answer && readAnswer(imageDetails, 'an image', answer);
        },
        { signal, translate: (caught) => toImageError(caught, image) },
      ),

    pullImage: async (image, signal) => {
      const [fromImage, tag] = image.split('@');
      // With a body, which the library writes by itself, the engine never looks whether we are still there: a download
      // that stands still would go on for ever, in one of the few places the engine has for all.
      const request = { _query: { fromImage, tag }, _body: {} };
      const stream = await call(({ docker }, over) => docker.createImage({ ...request, abortSignal: over }), {
        signal,
        limitMs: CHANGE_MS,
        translate: (caught) => toImageError(caught, image),
      });
      return piecesOf(asReadable(stream), signal, PULL_SILENCE_MS);
    },

    listContainers: (labels, signal) =>
      call(
        async ({ docker }, over) => {
          const filters = { label: [...labels] };
          const answer = await docker.listContainers({ all: true, filters, abortSignal: over });
          return readAnswer(listedContainers, 'its containers', answer);
        },
        { signal },
      ),

    inspectContainer: (container, signal) =>
      call(
        async ({ docker }, over) => {
          const answer = await unless([404], docker.getContainer(container).inspect({ abortSignal: over }));
          return answer && readAnswer(inspectedContainer, 'a container', answer);
        },
        { signal },
      ),

    createContainer: (body, image, signal) =>
      call(
        async ({ docker }, over) => {
          const { name, ...rest } = body;
          // Said apart, or the library writes all of the body into the URL as well.
          const request = { _query: { name }, _body: rest, abortSignal: over };
          return (await docker.createContainer(request)).id;
        },
        { signal, limitMs: CHANGE_MS, translate: (caught) => toStartError(caught, image) },
      ),

    startContainer: (id, image, signal) =>
      call(
        async ({ docker }, over): Promise<void> =>
          unless([304], docker.getContainer(id).start({ abortSignal: over })),
        { signal, limitMs: CHANGE_MS, translate: (caught) => toStartError(caught, image) },
      ),

    stopContainer: (id, graceSeconds) =>
      call(
        async ({ docker }, over): Promise<void> =>
          unless([304, 404], docker.getContainer(id).stop({ t: graceSeconds, abortSignal: over })),
        { limitMs: graceSeconds * 1_000 + KILL_MS },
      ),

    removeContainer: (id) =>
      call(
        async ({ docker }, over) => {
          try {
            await docker.getContainer(id).remove({ force: true, v: true, abortSignal: over });
          } catch (caught) {
            if (statusOf(caught) === 409) return 'removing';
            if (statusOf(caught) !== 404) throw caught;
          }
          return 'removed';
        },
        { limitMs: CHANGE_MS },
      ),

    containerLog: (id, lines) =>
      call(async ({ docker }, over) => {
        const asked = { stdout: true, stderr: true, tail: lines, follow: false, abortSignal: over } as const;
        // 409: marked for removal; 501: its log driver keeps nothing.
        const log: unknown = await unless([404, 409, 501], docker.getContainer(id).logs(asked));
        return log instanceof Uint8Array ? log : new Uint8Array();
      }, {}),

    containerEvents: async (labels, signal) => {
      const filters = { type: ['container' as const], label: [...labels] };
      const stream = await call(({ docker }, over) => docker.getEvents({ filters, abortSignal: over }), {
        signal,
      });
      return piecesOf(asReadable(stream), signal, undefined);
    },

    isClosed: () => connection.isClosed,
    close: () => connection.close(),
  };
};

/** undefined where one of these statuses came: what was asked for is not there, or done already. */
const unless = async <T>(statuses: readonly number[], answer: Promise<T>): Promise<T | undefined> => {
  try {
    return await answer;
  } catch (caught) {
    if (statuses.includes(statusOf(caught) ?? 0)) return undefined;
    throw caught;
  }
};

const asReadable = (stream: NodeJS.ReadableStream): Readable =>
  stream instanceof Readable ? stream : new Readable().wrap(stream);
