// The real subject: this process, this host, and whoever answers at the addresses in the settings.
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import { delimiter } from 'node:path';
import { surveyGpus } from '../adapters/host/survey-gpus.js';
import { createVendorTool } from '../adapters/host/vendor-tool.js';
import { httpBase } from '../config/http-base.js';
import { ConfigError, type LoadedConfig } from '../config.js';
import { createControlClient } from '../console/control-client.js';
import { controlSocketOf } from '../console/control-socket.js';
import { AGENT_VERSION } from '../version.js';
import type { ContainerLook } from './look-at-containers.js';
import { onceEach } from './once-each.js';
import type { OwnProcess, Subject } from './subject.js';

/** A tool that is asked by hand answers in a second; one that takes longer is a finding. */
const TOOL_MS = 8_000;
const NETWORK = { connectMs: 4_000, headersMs: 5_000, bodyMs: 5_000 };

export interface ThisHost {
  readonly subject: Subject;
  /** Lets go of whatever still waits for an answer. */
  close(): void;
}

/** @param load throws ConfigError where the settings cannot be used, which is a finding and no fault here */
export const thisHost = (
  load: () => LoadedConfig,
  environment: Readonly<Record<string, string | undefined>>,
): ThisHost => {
  const settings = orConfigError(load);
  const left = new AbortController();
  const looks: ContainerLook[] = [];
  const containersAt = onceEach(async (socketPath) => {
    // Loaded where it is wanted: the library behind it is large.
    const { lookAtContainers } = await import('./look-at-containers.js');
    const look = lookAtContainers(socketPath, left.signal);
    looks.push(look);
    return look;
  });
  const daemonAt = onceEach((dataDir) =>
    createControlClient(controlSocketOf(dataDir), dataDir)
      .status()
      .catch(() => undefined),
  );
  const gpus = onceEach(async () =>
    surveyGpus({
      tool: createVendorTool({ limitMs: TOOL_MS }),
      graphics: async () => (await import('systeminformation')).default.graphics(),
      systemMemoryBytes: os.totalmem(),
    }),
  );
  const subject: Subject = {
    settings,
    onlyNetwork: undefined,
    process: ownProcess(environment),
    gpus: () => gpus('this host'),
    daemon: async () => ('config' in settings ? daemonAt(settings.config.dataDir) : undefined),
    network: onceEach(async (url) => {
      const { createNetworkHttp } = await import('../adapters/network-http/undici-network-http.js');
      const http = createNetworkHttp(httpBase(url), { agentVersion: AGENT_VERSION, ...NETWORK });
      const askedMs = Date.now();
      const info = await http.info(left.signal);
      return { info, askedMs, answeredMs: Date.now() };
    }),
    containerEngine: async (socketPath) => (await containersAt(socketPath)).report(),
    nodeContainers: async (socketPath, nodeId) => (await containersAt(socketPath)).ofNode(nodeId),
    externalEngine: async (runtime, signal) => {
      const { askExternalEngine } = await import('./ask-external-engine.js');
      return askExternalEngine(runtime, signal);
    },
  };
  return {
    subject,
    close() {
      left.abort();
      for (const look of looks) look.close();
    },
  };
};

const orConfigError = (load: () => LoadedConfig): LoadedConfig | ConfigError => {
  try {
    return load();
  } catch (caught) {
    if (caught instanceof ConfigError) return caught;
    throw caught;
  }
};

const ownProcess = (environment: Readonly<Record<string, string | undefined>>): OwnProcess => ({
  nodeVersion: process.versions.node,
  uid: process.geteuid?.(),
  groups: [...new Set([...(process.getegid ? [process.getegid()] : []), ...(process.getgroups?.() ?? [])])],
  searchPath: (environment.PATH ?? '').split(delimiter).filter((folder) => folder !== ''),
  openFiles: openFilesLimit,
});

/** Source: proc(5), `Max open files            1024                 524288               files`. */
const openFilesLimit = async (): Promise<number | undefined> => {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1];
  if (soft === undefined) return undefined;
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
};
