// What a container engine tells of itself and of a node's containers. Nothing is changed there.
import { LABEL } from '../adapters/runtime-host/docker/container-body.js';
import { createDockerClient } from '../adapters/runtime-host/docker/docker-client.js';
import { engineUnavailable } from '../adapters/runtime-host/docker/docker-errors.js';
import { hostReport } from '../adapters/runtime-host/docker/host-report.js';
import type { HostReport } from '../adapters/runtime-host/runtime-host.js';
import type { NodeContainer } from './subject.js';

export interface ContainerLook {
  /** Asked once. @throws EngineUnavailableError */
  report(): Promise<HostReport>;
  /** @throws EngineUnavailableError */
  ofNode(nodeId: string): Promise<readonly NodeContainer[]>;
  close(): void;
}

/** Shorter than the Agent's own patience: a person is waiting. */
const ANSWER_MS = 8_000;

/** @param left ends whatever still waits */
export const lookAtContainers = (socketPath: string, left: AbortSignal): ContainerLook => {
  const client = createDockerClient(socketPath);
  const soon = <T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> => within(ANSWER_MS, left, ask);
  let asked: Promise<HostReport> | undefined;
  return {
    report: () => {
      asked ??= soon(async (signal) => {
        const { version, api } = await client.version(signal);
        return hostReport(version, await client.info(signal), api);
      });
      return asked;
    },

    ofNode: (nodeId) =>
      soon(async (signal) => {
        // Ids are compared here, for an address may be written in two ways.
        const labelled = await client.listContainers([LABEL.node], signal);
        return labelled
          .filter(({ Labels }) => Labels[LABEL.node]?.toLowerCase() === nodeId.toLowerCase())
          .map(({ Id, State, Labels }) => ({ id: Id, role: Labels[LABEL.role] ?? 'unknown', state: State }));
      }),

    close: () => client.close(),
  };
};

/** @throws EngineUnavailableError `hung` when the time is over */
const within = async <T>(
  limitMs: number,
  left: AbortSignal,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const over = new AbortController();
  const late = setTimeout(
    () => over.abort(engineUnavailable('hung', `no answer within ${limitMs / 1000} s`)),
    limitMs,
  );
  const stop = (): void => over.abort(left.reason);
  left.addEventListener('abort', stop, { once: true });
  try {
    return await ask(over.signal);
  } finally {
    clearTimeout(late);
    left.removeEventListener('abort', stop);
  }
};
