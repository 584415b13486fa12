// A node at rest in one network, as the console says it.
import { type NodeStatus, nodeStatus } from '../../../src/console/node-view.js';

export const statusSample = (): NodeStatus =>
  nodeStatus.parse({
    stage: 'connected',
    idleReason: null,
    nodeId: '0x52908400098527886E0F7030069857D2E4169EE7',
    agentVersion: '0.1.0',
    pid: 7,
    startedMs: 0,
    network: {
      name: 'devnet',
      url: 'http://127.0.0.1:7530',
      connected: true,
      lastAckMs: 900,
      standing: 'active',
      account: 'tester',
    },
    config: { version: 1, digest: `sha256:${'0'.repeat(64)}` },
    lastSync: null,
    runtime: {
      state: 'ready',
      driver: 'process',
      engine: 'simulator',
      version: null,
      restarts: 0,
      failure: null,
    },
    models: [],
    jobs: { running: 0, queued: 0, slots: 4, outbox: 0, credits: 8 },
    reports: { waiting: 0, delivered: 0 },
    failure: null,
  });
