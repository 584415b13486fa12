// The way to a Docker Engine: which socket, which version of its API, how long a call may take. The only file that
// imports `dockerode`.
import { Agent } from 'node:http';
import Docker from 'dockerode';
import { withinLimit } from './call-limit.js';
import { engineUnavailable, isVersionRefusal, toEngineError } from './docker-errors.js';
import { readAnswer } from './engine-answers.js';
import { engineVersion, spokenVersion } from './engine-version.js';

/** Milliseconds: a machine under load is slow, an engine that hangs never answers. */
const ANSWER_MS = 15_000;

/** The engine, spoken to in the version agreed on. */
export interface Spoken {
  readonly docker: Docker;
  /** Version of the API. */
  readonly api: string;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly limitMs?: number;
  /** Gives the error that is thrown; what the signal or the limit says goes past it. */
  readonly translate?: (caught: unknown) => Error;
}

export interface DockerConnection {
  /** @param ask is given a signal that ends with the call; it may run a second time, in another version */
  call<T>(ask: (spoken: Spoken, over: AbortSignal) => Promise<T>, options: CallOptions): Promise<T>;
  readonly isClosed: boolean;
  close(): void;
}

export const connectDocker = (socketPath: string): DockerConnection => {
  // A connection for each call: one kept open would be found dead after the engine's next restart.
  const agent = new Agent({ keepAlive: false });
  let agreed: Promise<Spoken> | undefined;
  let isClosed = false;

  const agree = async (): Promise<Spoken> => {
    const unversioned = createDocker({ socketPath, agent });
    const answer = await withinLimit(ANSWER_MS, undefined, () => unversioned.version());
    const api = spokenVersion(readAnswer(engineVersion, 'its version', answer));
    return { docker: createDocker({ socketPath, agent, version: `v${api}` }), api };
  };

  /** Asked once for all callers, so with none of their signals; a failure is forgotten. */
  const spoken = (): Promise<Spoken> => {
    if (isClosed) return Promise.reject(engineUnavailable('lost', 'the connection has been closed'));
    if (agreed === undefined) {
      const asking = agree();
      agreed = asking;
      asking.catch(() => {
        if (agreed === asking) agreed = undefined;
      });
    }
    return agreed;
  };

  return {
    call: (ask, { signal, limitMs = ANSWER_MS, translate = toEngineError }) =>
      withinLimit(limitMs, signal, async (over) => {
        const attempt = async () => ask(await spoken(), over);
        try {
          return await attempt().catch((caught) => {
            if (!isVersionRefusal(caught)) throw caught;
            agreed = undefined; // another engine came up behind the same socket
            return attempt();
          });
        } catch (caught) {
          throw translate(caught);
        }
      }),

    get isClosed() {
      return isClosed;
    },

    close() {
      isClosed = true;
      agent.destroy();
    },
  };
};

/**
 * The library lets DOCKER_HOST and its kin win over what it is told, and reads files they name; the socket is the
 * owner's decision, so they are out of sight while it is made.
 */
const createDocker = (options: { socketPath: string; agent: Agent; version?: string }): Docker => {
  const { DOCKER_HOST } = process.env;
  delete process.env.DOCKER_HOST;
  try {
    return new Docker({ ...options, host: '', protocol: 'http' });
  } finally {
    if (DOCKER_HOST !== undefined) process.env.DOCKER_HOST = DOCKER_HOST;
  }
};
