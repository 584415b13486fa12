// Runs an engine as a sealed container: no network, nothing writable but its socket's directory. An Agent that comes back
// finds the container that runs with the wanted spec, and takes it over.
import type { Logger } from 'pino';
import type { ContainerSpec, DirectorySource } from '../runtime-host/container-spec.js';
import type { ContainerExit, RuntimeHost, RuntimeRef } from '../runtime-host/runtime-host.js';
import { bringUpContainer, takeDownContainer } from './bring-up-container.js';
import { watchContainer } from './container-watch.js';
import { engineUserOf, refuseShiftedUsers } from './engine-user.js';
import { tailOf } from './output-capture.js';
import type {
  RuntimeDriver,
  RuntimeHandlers,
  RuntimeNotice,
  RuntimeSpec,
  RuntimeStarted,
} from './runtime-driver.js';
import { RuntimeStartError, runningAlready } from './runtime-errors.js';
import {
  openSocketDirectory,
  removeOtherSocketDirectories,
  type SocketDirectory,
  type SocketPlace,
} from './socket-place.js';

/** What the driver decides of a container; the engine's definition decides the rest. */
export interface ContainerPlace {
  readonly user: string;
  readonly socketSource: DirectorySource;
}

export interface ContainerDriverOptions {
  readonly host: RuntimeHost;
  readonly sockets: SocketPlace;
  /** @throws EngineStartInvalidError the spec cannot be put into a container */
  readonly containerOf: (spec: RuntimeSpec, place: ContainerPlace) => Promise<ContainerSpec>;
  /** Whom the Agent runs as. */
  readonly agentUid: number;
  readonly logger: Logger;
}

export interface ContainerDriver extends RuntimeDriver {
  /** Digest of the image that runs, `sha256:…`; undefined while none does. */
  imageDigest(): string | undefined;
}

interface Running {
  readonly spec: RuntimeSpec;
  phase: 'starting' | 'running' | 'over' | 'stopping';
  /** Aborts the start, later the watch. */
  readonly left: AbortController;
  directory: SocketDirectory | undefined;
  ref: RuntimeRef | undefined;
  image: string | undefined;
}

const TAIL_LINES = 200;

export const createContainerDriver = (options: ContainerDriverOptions): ContainerDriver => {
  const { host, sockets, logger } = options;
  const user = engineUserOf(options.agentUid);
  let current: Running | undefined;
  /** It should be gone, and the container engine could not be told: the next start must not adopt it. */
  let unstopped: Running | undefined;
  let starting: Promise<RuntimeStarted> | undefined;

  const openDirectory = (spec: RuntimeSpec) => openSocketDirectory(sockets, spec.specHash, user.uid);
  const containerOf = (spec: RuntimeSpec, { source }: SocketDirectory): Promise<ContainerSpec> =>
    options.containerOf(spec, { user: user.name, socketSource: source });

  // The last words explain an end; without them it is told all the same.
  const tail = async (ref: RuntimeRef): Promise<string> =>
    tailOf(await host.tailLog(ref, TAIL_LINES).catch(() => []));

  const remove = async (running: Running, graceMs: number): Promise<void> => {
    const { ref, directory } = running;
    running.left.abort();
    running.phase = 'stopping';
    try {
      // Where nothing was brought up, one that an earlier Agent left may use the directory.
      if (ref !== undefined && directory !== undefined) {
        await takeDownContainer({ host, sockets, logger }, ref, directory, graceMs);
      }
      if (unstopped === running) unstopped = undefined;
    } catch (error) {
      unstopped = running;
      throw error;
    } finally {
      if (current === running) current = undefined;
    }
  };

  const bringUp = async (running: Running) => {
    if (unstopped !== undefined) await remove(unstopped, 0);
    const directory = await openDirectory(running.spec);
    running.directory = directory;
    const container = await containerOf(running.spec, directory);
    running.image = container.image.slice(container.image.indexOf('@') + 1);
    const started = await bringUpContainer(host, container, directory, running.left.signal, (ref) => {
      running.ref = ref;
    });
    running.phase = 'running';
    return { ...started, socketPath: directory.socketPath };
  };

  const start = async (running: Running, handlers: RuntimeHandlers): Promise<RuntimeStarted> => {
    const ended = async ({ code, outOfMemory }: ContainerExit): Promise<void> => {
      running.phase = 'over';
      running.left.abort();
      const words = running.ref === undefined ? '' : await tail(running.ref);
      if (running.phase === 'over') handlers.exited({ code, signal: null, tail: words, outOfMemory });
    };
    const up = bringUp(running);
    const listener = {
      ended: (exit: ContainerExit): void => void ended(exit),
      noticed: (notice: RuntimeNotice): void => handlers.noticed(notice),
    };
    watchContainer(host, up, listener, running.left.signal, logger);
    try {
      const { adopted, socketPath } = await up;
      return { address: { kind: 'unix', path: socketPath, ownerUid: user.uid }, adopted };
    } catch (error) {
      // What is left of it goes with the next start; why this one failed is what matters.
      await remove(running, 0).catch(() => {});
      throw error;
    }
  };

  return {
    kind: 'container',

    async prepare(spec, onProgress, signal) {
      signal.throwIfAborted();
      const container = await containerOf(spec, await openDirectory(spec));
      await refuseShiftedUsers(host, sockets, signal);
      for (const image of [container.image, ...(container.bridge ? [container.bridge.image] : [])]) {
        await host.ensureImage(image, onProgress, signal);
      }
    },

    async reconcile(wanted) {
      await starting?.catch(() => {}); // its directory is not a leftover; its failure is told to whoever asked
      if (unstopped !== undefined) await remove(unstopped, 0);
      if (current === undefined || current.phase === 'over') {
        // What cannot be started cannot be adopted either; preparing it tells why.
        const container =
          wanted &&
          (await openDirectory(wanted)
            .then((directory) => containerOf(wanted, directory))
            .catch(() => undefined));
        const { removed } = await host.reconcile(container?.specHash);
        if (removed.length > 0) {
          logger.info({ event: 'runtime.leftover.ended', removed }, 'removed what an earlier Agent left');
        }
      }
      const kept = [wanted, current?.spec].filter((spec) => spec !== undefined);
      await removeOtherSocketDirectories(
        sockets,
        kept.map(({ specHash }) => specHash),
      );
    },

    async start(spec, handlers, signal) {
      signal.throwIfAborted();
      if (current !== undefined && current.phase !== 'over') throw runningAlready();
      const left = new AbortController();
      const running: Running = {
        spec,
        left,
        phase: 'starting',
        directory: undefined,
        ref: undefined,
        image: undefined,
      };
      current = running;
      const leave = (): void => left.abort(signal.reason);
      signal.addEventListener('abort', leave, { once: true });
      starting = start(running, handlers);
      try {
        return await starting;
      } finally {
        signal.removeEventListener('abort', leave);
        starting = undefined;
      }
    },

    async stop(graceMs) {
      if (current?.phase === 'starting') {
        current.left.abort(stoppedMeanwhile());
        await starting?.catch(() => {}); // it sees the stop; whoever asked for the start is told
      }
      const running = current ?? unstopped;
      if (running !== undefined) await remove(running, graceMs);
    },

    tail: async () => (current?.ref === undefined ? '' : tail(current.ref)),

    imageDigest: () => (current?.phase === 'running' ? current.image : undefined),
  };
};

const stoppedMeanwhile = (): RuntimeStartError =>
  new RuntimeStartError('the Runtime was stopped while it started', {
    advice: 'Start it again if it is wanted.',
    details: { reason: 'stopped' },
  });
