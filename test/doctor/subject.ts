// A subject in memory that is well in every part; a test spoils the part it is about.

import { MemoryContainerEngine } from '../../src/adapters/runtime-host/memory-container-engine.js';
import { ConfigError, loadConfig } from '../../src/config.js';
import type { NodeStatus } from '../../src/console/node-view.js';
import type { Check } from '../../src/doctor/check.js';
import type { OwnProcess, Subject } from '../../src/doctor/subject.js';
import type { NetworkInfo } from '../../src/protocol/http.js';

type Flags = Readonly<Record<string, string>>;

export const settingsOf = (flags: Flags): Subject['settings'] => {
  try {
    return loadConfig({
      flags,
      environment: { HOME: '/nowhere' },
      uid: 1000,
      systemFile: '/nowhere/node.yaml',
    });
  } catch (caught) {
    if (caught instanceof ConfigError) return caught;
    throw caught;
  }
};

export const NETWORK: NetworkInfo = {
  network: 'devnet',
  chain_id: 31_337,
  genesis: `sha256:${'0'.repeat(64)}`,
  protocol: [1],
  socket_url: 'ws://127.0.0.1:1/v1/io',
  portal_url: 'http://127.0.0.1:1/',
  config: null,
  time_ms: 1_000_000,
};

export const RUNNING: NodeStatus = {
  stage: 'connected',
  idleReason: null,
  nodeId: '0x00000000000000000000000000000000000000aa',
  agentVersion: '0.1.0',
  pid: 4711,
  startedMs: 0,
  network: {
    name: 'devnet',
    url: 'http://127.0.0.1:1',
    connected: true,
    lastAckMs: 0,
    standing: null,
    account: null,
  },
  config: null,
  lastSync: null,
  runtime: {
    state: 'ready',
    driver: 'container',
    engine: 'simulator',
    version: null,
    restarts: 0,
    failure: null,
  },
  models: [],
  jobs: { running: 0, queued: 0, slots: 1, outbox: 0, credits: 0 },
  reports: { waiting: 0, delivered: 0 },
  failure: null,
};

export interface SubjectParts extends Partial<Omit<Subject, 'settings' | 'process'>> {
  readonly flags?: Flags;
  readonly process?: Partial<OwnProcess>;
}

export const subjectOf = ({ flags = {}, process: own = {}, ...parts }: SubjectParts = {}): Subject => ({
  settings: settingsOf({ dataDir: '/nowhere', ...flags }),
  onlyNetwork: undefined,
  process: {
    nodeVersion: '20.19.0',
    uid: process.getuid?.(),
    groups: [],
    searchPath: [],
    openFiles: async () => 65_536,
    ...own,
  },
  gpus: async () => ({ gpus: [], lost: [] }),
  daemon: async () => undefined,
  network: async () => ({ info: NETWORK, askedMs: 1_000_000, answeredMs: 1_000_010 }),
  containerEngine: async () => new MemoryContainerEngine().report,
  nodeContainers: async () => [],
  externalEngine: async () => undefined,
  ...parts,
});

/** Outcome and words of one check; what it throws is thrown. */
export const ask = async (check: Check, parts: SubjectParts = {}) =>
  check.look(subjectOf(parts), new AbortController().signal);
