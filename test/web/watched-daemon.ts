// A whole system in this process, whose statecharts the test itself watches: what it sees is the truth the page is held to.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import OpenAI from 'openai';
import { pino } from 'pino';
import type { AnyMachineSnapshot, InspectionEvent } from 'xstate';
import { demoEngine } from '../../src/cli/demo/demo-engine.js';
import { startDemoNetwork } from '../../src/cli/demo/demo-network.js';
import { claimDemoNode } from '../../src/cli/demo/demo-node.js';
import { loadConfig } from '../../src/config.js';
import { transitionKey } from '../../src/machines/chart-model.js';
import { startDaemon } from '../../src/main.js';
import { atTheEnd, BINARY, temporaryDirectory, until } from '../e2e/processes.js';

/** What a statechart's actor did, in the order it did it. */
export interface WatchedActor {
  readonly session: string;
  readonly machine: string;
  readonly id: string;
  /** Sorted ids of the active states after each step; never twice the same in a row. */
  readonly places: string[][];
  /** Keys of the transitions taken. */
  readonly taken: string[];
  isLiving: boolean;
}

export interface WatchedDaemon {
  /** Of the console, with the token. */
  readonly url: string;
  readonly client: OpenAI;
  actors(machine?: string): WatchedActor[];
}

const SPEED = 40;

const simulator = JSON.stringify([
  ...[process.execPath, BINARY, 'simulate-engine', '--uds={socket}', '--enable-force-include-usage'],
  ...['--max-model-len={context_tokens}', '--max-num-seqs={max_concurrent}', `--tokens-per-second=${SPEED}`],
  ...['--served-model-name', 'demo-chat:chat', 'demo-embed:embedding'],
]);

const isOfMachine = (snapshot: unknown): snapshot is AnyMachineSnapshot =>
  typeof snapshot === 'object' && snapshot !== null && 'machine' in snapshot;

const watch = () => {
  const seen = new Map<string, WatchedActor>();
  const actorOf = (session: string, id: string, { machine }: AnyMachineSnapshot): WatchedActor => {
    const known = seen.get(session);
    if (known !== undefined) return known;
    const actor = { session, id, machine: machine.id, places: [], taken: [], isLiving: true };
    seen.set(session, actor);
    return actor;
  };
  const inspect = (event: InspectionEvent): void => {
    if (event.type !== '@xstate.snapshot' && event.type !== '@xstate.microstep') return;
    if (!isOfMachine(event.snapshot)) return;
    const { sessionId, id } = event.actorRef as typeof event.actorRef & { readonly id: string };
    const actor = actorOf(sessionId, id, event.snapshot);
    if (event.type === '@xstate.microstep') {
      actor.taken.push(...event._transitions.map(transitionKey));
      return;
    }
    const place = event.snapshot._nodes.map((node) => node.id).sort();
    if (actor.places.at(-1)?.join() !== place.join()) actor.places.push(place);
    actor.isLiving = event.snapshot.status === 'active';
  };
  return { seen, inspect };
};

/** Resolves once the node takes jobs. */
export const startWatchedDaemon = async (): Promise<WatchedDaemon> => {
  const directory = await temporaryDirectory();
  const engine = demoEngine({ engine: 'simulator' });
  const silent = pino({ level: 'silent' });
  const network = await startDemoNetwork(directory, { port: 0, slots: 4 }, engine, silent);
  atTheEnd(() => network.close());
  const dataDir = join(directory, 'node');
  const { config } = loadConfig({
    flags: {
      ...{ dataDir, networkUrl: network.url, networkGenesis: network.genesis, consolePort: 0 },
      ...{ runtimeDriver: 'process', runtimeEngine: 'simulator', runtimeCommand: simulator },
    },
    environment: {},
  });
  const { seen, inspect } = watch();
  const daemon = await startDaemon(config, { write: () => {} }, { inspect });
  atTheEnd(async () => {
    daemon.stop();
    await daemon.ended;
  });
  const status = async () => daemon.view.status();
  await until('the node is connected', status, ({ network: { connected } }) => connected, 30_000);
  await claimDemoNode(directory, network, new AbortController().signal);
  await until(
    'the node takes jobs',
    status,
    ({ idleReason, models }) => idleReason === null && models.every(({ state }) => state === 'active'),
    60_000,
  );
  const { url } = await daemon.consolePlace();
  const token = await readFile(join(dataDir, 'console.token'), 'utf8');
  return {
    url: `${url}/#token=${token.trim()}`,
    client: new OpenAI({ baseURL: `${network.url}/v1`, apiKey: network.apiKey, maxRetries: 0 }),
    actors: (machine) =>
      [...seen.values()].filter((actor) => machine === undefined || actor.machine === machine),
  };
};
