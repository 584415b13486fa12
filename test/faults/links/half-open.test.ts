// Half-open connections: the kernel would keep them for hours. Both ends find out by the application's ping within two of
// its intervals, and the same process takes its session up again.
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { sharedRig, until } from '../../e2e/processes.js';
import { linesOf } from '../lines-of.js';
import type { Direction } from '../proxy/fault-proxy.js';
import { FaultTally } from '../report.js';
import { type LinkedSystem, startLinkedSystem } from './linked-system.js';
import { expectKept, load } from './load.js';

const PING_MS = 1_000;
const HOLES: readonly (readonly [string, readonly Direction[]])[] = [
  ['both ways', ['up', 'down']],
  ['towards the network', ['up']],
  ['towards the node', ['down']],
];

let system: LinkedSystem;
let cleanUp: () => Promise<void>;
beforeAll(async () => {
  const started = await sharedRig(() =>
    startLinkedSystem('half-open', { tokensPerSecond: 30, pings: [PING_MS, 2 * PING_MS] }),
  );
  system = started.rig;
  cleanUp = started.cleanUp;
}, 300_000);
afterAll(() => cleanUp());

test.each(HOLES)('a black hole %s is found by the ping, and the work goes on', async (name, directions) => {
  const tally = new FaultTally('link');
  onTestFinished(() => tally.file());
  const { proxy, node, network } = system;
  const eventsBefore = linesOf(network.output.stderr).length;
  const work = await load(system, { jobs: 4, streams: 2, tokens: 60 });
  await until(
    'jobs run',
    () => node.control.status(),
    (status) => status.jobs.running >= 4,
  );
  proxy.weather(Object.fromEntries(directions.map((direction) => [direction, { isHeld: true }])));
  await until(
    'the node knows',
    () => node.control.status(),
    (status) => !status.network.connected,
    10 * PING_MS,
  );
  const closed = linesOf(node.output.stdout).findLast(({ event }) => event === 'link.closed');
  if (directions.includes('down')) expect(closed?.reason).toBe('no sign of life');
  await until(
    'the network knows',
    async () =>
      linesOf(network.output.stderr)
        .slice(eventsBefore)
        .map(({ event }) => event),
    (events) => events.includes('session.silent') || events.includes('session.closed'),
    10 * PING_MS,
  );
  expect(proxy.open).toBeGreaterThan(0); // for the kernels it is all in order
  proxy.calm();
  await expectKept(system, work);
  tally.count(`black hole ${name}`, 'found by the ping, resumed, nothing lost or doubled');
});
