// The container engine of the port, as a Docker Engine on a Unix socket.
import type { Logger } from 'pino';
import type { RuntimeHost, RuntimeRef } from '../runtime-host.js';
import { type AskedContainer, alteredFields } from './compare-container.js';
import { createDockerClient, type DockerClient } from './docker-client.js';
import { ensureImage } from './ensure-image.js';
import { hostReport } from './host-report.js';
import { exitOf, phaseOf, startedMsOf } from './inspected-container.js';
import { lastLines } from './log-tail.js';
import { isBridgeOf, listOwned } from './owned-containers.js';
import { reconcileRuntimes } from './reconcile-runtimes.js';
import { type StartedRuntime, startRuntime } from './start-runtime.js';
import { stopRuntime } from './stop-runtime.js';
import { watchContainers } from './watch-containers.js';

export interface DockerRuntimeHostOptions {
  readonly socketPath: string;
  /** Asked at each use: the identity is opened after the host is made. */
  readonly nodeId: () => string;
  readonly agentVersion: string;
  readonly logger: Logger;
}

export const createDockerRuntimeHost = (options: DockerRuntimeHostOptions): RuntimeHost => {
  const { nodeId, agentVersion, logger } = options;
  const client = createDockerClient(options.socketPath);
  let started: StartedRuntime | undefined;

  return {
    async probe(signal) {
      const { version, api } = await client.version(signal);
      return hostReport(version, await client.info(signal), api);
    },

    ensureImage: (image, onProgress, signal) => ensureImage(client, image, onProgress, signal),

    async start(spec, signal) {
      started = undefined;
      const owner = { nodeId: nodeId(), agentVersion };
      started = await startRuntime({ client, owner, logger }, spec, signal);
      return started.start;
    },

    async inspect(ref) {
      const found = await client.inspectContainer(ref.id);
      if (found === undefined) return { phase: 'absent' };
      const known = started?.start.id === ref.id ? started : undefined;
      const phase = phaseOf(found);
      const altered = alteredFields(found, known?.asked);
      return {
        phase,
        specHash: ref.specHash,
        startedMs: startedMsOf(found),
        exit: exitOf(found),
        altered:
          phase === 'running' && known?.askedBridge !== undefined
            ? [...altered, ...(await alteredBridge(client, nodeId(), ref, known.askedBridge))]
            : altered,
        pid: phase === 'running' ? found.State.Pid : undefined,
      };
    },

    stop: ({ id }, graceMs) => stopRuntime(client, { id, nodeId: nodeId(), graceMs }, logger),
    reconcile: (wanted) => reconcileRuntimes(client, nodeId(), wanted, logger),
    watch: (signal) => watchContainers(client, nodeId(), logger, signal),
    tailLog: async ({ id }, lines) => lastLines(await client.containerLog(id, lines), lines),
    close: async () => client.close(),
  };
};

/** A Runtime without its bridge is not what was asked for: nobody reaches it. */
const alteredBridge = async (
  client: DockerClient,
  nodeId: string,
  { id }: RuntimeRef,
  asked: AskedContainer,
): Promise<readonly string[]> => {
  const bridge = (await listOwned(client, nodeId)).find((one) => isBridgeOf(one, id));
  const found = bridge && (await client.inspectContainer(bridge.Id));
  if (found === undefined || phaseOf(found) !== 'running') return ['bridge'];
  return alteredFields(found, asked).map((field) => `bridge.${field}`);
};
