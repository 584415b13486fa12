// A network, an engine, clients and a node that is killed: what every run of this folder is played in.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { STANDARD_SCRYPT } from '../../../src/adapters/identity/key-cipher.js';
import { createIdentityStore } from '../../../src/adapters/identity/keystore-identity.js';
import { readNodeId } from '../../../src/adapters/identity/read-node-id.js';
import { demoConfig } from '../../../src/cli/demo/demo-models.js';
import type { ConfigDraft } from '../../../src/network/publishing/config-publisher.js';
import { sameAddress } from '../../../src/protocol/signature.js';
import { startSimulator } from '../../../src/runtimes/simulator/simulator.js';
import { until } from '../../e2e/processes.js';
import { History } from '../history/history.js';
import { startTap } from '../history/tap.js';
import { inMemory } from '../memory-scratch.js';
import { seededRandom } from '../scale.js';
import type { Lives } from './bundle-lives.js';
import { claimNode } from './claim-node.js';
import type { KillOrder } from './kill-order.js';
import { createLoad, type Load, PROMPT_CANARY } from './load.js';
import { createNetworkLife, type NetworkLife } from './network-life.js';
import { type NodeLife, startNodeLife } from './node-life.js';

const PASSPHRASE_CANARY = 'canary-passphrase-Vd39';
export const CANARIES = [PROMPT_CANARY, PASSPHRASE_CANARY] as const;
/** Of its process. */
const MEMORY_BOUND = 512 * 1024 * 1024;
/** F13: all nodes are back within a minute. */
export const BACK_WITHIN_MS = 60_000;
const SLOTS = 4;

export interface World {
  readonly directory: string;
  readonly nodeDir: string;
  readonly history: History;
  readonly network: NetworkLife;
  readonly load: Load;
  readonly random: (below: number) => number;
  /** Starts the node. When it serves, that goes into the history. @param nodeDir another data directory than usual */
  live(kill: KillOrder | null, nodeDir?: string): NodeLife;
  /** Waits until the network knows the node, and claims it. */
  claim(nodeDir?: string): Promise<void>;
  /** The configuration again, under the next version. */
  publish(): Promise<void>;
  close(): Promise<void>;
}

/** A key that opens in no time, as if it had been restored from a backup. */
const CHEAP_SCRYPT = { ...STANDARD_SCRYPT, N: 2 };

const boundsOf = (draft: ConfigDraft): ConfigDraft => ({
  ...draft,
  ttl: { ...draft.ttl, heartbeat_ms: 1_000, retry_base_ms: 100, retry_cap_ms: 1_000 },
  reports: { ...draft.reports, interval_ms: 1_000 },
});

/** @param options.hasKey whether the node has its key before its first start */
export const startWorld = async (
  name: string,
  lives: Lives,
  options: { readonly hasKey: boolean } = { hasKey: true },
): Promise<World> => {
  // What a process leaves that is killed is the kernel's to keep: no disk is needed for it.
  const directory = await mkdtemp(join(inMemory(), 'rk-'));
  const nodeDir = join(directory, 'node');
  const history = new History(join(directory, 'history.ndjson'));
  const random = seededRandom(name);
  const tap = await startTap(history);
  const network = createNetworkLife(lives.network, directory, tap);
  await network.start();
  const account = await network.admin.call('accounts.create', { name: 'clients' });
  const namespace = account.namespaces[0]?.namespace ?? '';
  await network.admin.call('deposit', { namespace, amount: '1000000000' });
  const { secret: apiKey } = await network.admin.call('keys.create', { namespace });
  const draft = boundsOf(await demoConfig(join(directory, 'sources'), { slots: SLOTS }));
  const publish = async (): Promise<void> => {
    await network.admin.call('config.publish', { draft: JSON.stringify(draft) });
  };
  await publish();
  const engine = await startSimulator(
    { port: 0, servedModelName: ['demo-chat:chat', 'demo-embed:embedding'], tokensPerSecond: 400 },
    { logger: pino({ level: 'silent' }) },
  );
  const passphraseFile = join(directory, 'passphrase');
  await writeFile(passphraseFile, PASSPHRASE_CANARY, { mode: 0o600 });
  if (options.hasKey) {
    await createIdentityStore({ dir: nodeDir, scrypt: CHEAP_SCRYPT }).create(PASSPHRASE_CANARY);
  }

  const living = new Set<NodeLife>();
  const live = (kill: KillOrder | null, dataDir = nodeDir): NodeLife => {
    const life = startNodeLife(lives.node, {
      dataDir,
      networkUrl: tap.url,
      engineUrl: engine.address.kind === 'tcp' ? engine.address.url : '',
      passphraseFile,
      logFile: join(directory, 'node.log'),
      kill,
    });
    living.add(life);
    void life.ready.then((tookMs) => {
      if (tookMs === null) return;
      const at_ms = Date.now();
      history.add({ kind: 'back', at_ms, took_ms: tookMs, limit_ms: BACK_WITHIN_MS });
      const bytes = life.memory();
      if (bytes === null) return;
      history.add({ kind: 'measured', what: 'memory of the node', bytes, bound: MEMORY_BOUND });
    });
    void life.ended.then(({ wasKilled, signal }) => {
      living.delete(life);
      if (!wasKilled && signal !== 'SIGKILL') return;
      const fault = kill === null ? 'kill -9' : JSON.stringify(kill);
      history.add({ kind: 'fault', at_ms: Date.now(), fault, target: 'node' });
    });
    return life;
  };

  const claim = async (dataDir = nodeDir): Promise<void> => {
    await until(
      'the network knows the node',
      async () => {
        const node = await readNodeId(dataDir);
        const { nodes } = await network.admin.call('nodes', {});
        return nodes.some((one) => sameAddress(one.node, node));
      },
      Boolean,
    );
    await claimNode({ dataDir, passphraseFile, networkUrl: tap.url, genesis: network.genesis() });
  };

  return {
    directory,
    nodeDir,
    history,
    network,
    random,
    load: createLoad({ history, url: network.url, apiKey, random }),
    live,
    claim,
    publish,
    close: async () => {
      for (const life of living) life.kill('SIGKILL');
      await Promise.all([...living].map(({ ended }) => ended));
      await network.end('SIGKILL');
      await tap.close();
      await engine.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
};
