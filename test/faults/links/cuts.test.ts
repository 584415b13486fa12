// Cuts in the middle of everything: resets, truncations, bits turned over. The session ends, typed, and what was under
// way goes on from what both sides have on disk.
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { sharedRig, until } from '../../e2e/processes.js';
import { linesOf } from '../lines-of.js';
import type { FaultProxy } from '../proxy/fault-proxy.js';
import { FaultTally } from '../report.js';
import { isWhole, scaled } from '../scale.js';
import { type LinkedSystem, startLinkedSystem } from './linked-system.js';
import { expectKept, type Load, load } from './load.js';

let system: LinkedSystem;
let cleanUp: () => Promise<void>;
beforeAll(async () => {
  const started = await sharedRig(() => startLinkedSystem('cuts', { tokensPerSecond: 60 }));
  system = started.rig;
  cleanUp = started.cleanUp;
}, 300_000);
afterAll(() => cleanUp());

/** So many times from now on. @returns how many there were in the end */
const untilCut = async (proxy: FaultProxy, times: number): Promise<number> => {
  const before = proxy.counts.cut;
  const after = await until(
    `cut ${times} times`,
    async () => proxy.counts.cut,
    (cut) => cut >= before + times,
    180_000,
  );
  proxy.calm();
  return after - before;
};

/** Keeps jobs under way until the weather has done its work. */
const workUntil = async (system: LinkedSystem, weatherOver: Promise<unknown>): Promise<Load> => {
  let isOver = false;
  void weatherOver.then(() => {
    isOver = true;
  });
  const rounds: Load[] = [];
  while (!isOver) {
    const round = await load(system, { jobs: 4, streams: rounds.length === 0 ? 2 : 0, tokens: 120 });
    rounds.push(round);
    await Promise.race([weatherOver, new Promise((resolve) => setTimeout(resolve, 4_000))]);
  }
  await weatherOver;
  const [first] = rounds;
  return {
    jobs: rounds.flatMap(({ jobs }) => jobs),
    streams: first?.streams ?? [],
    tokens: first?.tokens ?? 0,
  };
};

/** Codes with which either side ended a session over the protocol. */
const endedWith = ({ network, node }: LinkedSystem): string[] => [
  ...linesOf(network.output.stderr)
    .filter(({ event }) => event === 'session.refused')
    .map(({ code }) => String(code)),
  ...linesOf(node.output.stdout)
    .filter(({ event }) => event === 'link.protocol_error')
    .map(({ code }) => String(code)),
];

const TYPED = [
  'malformed',
  'digest_mismatch',
  'signature_invalid',
  'sequence_gap',
  'too_large',
  'unsupported_type',
];

test('a link that is reset in the middle, again and again, loses nothing and pays nothing twice', async () => {
  const times = scaled(50);
  const tally = new FaultTally('link');
  onTestFinished(() => tally.file());
  const { proxy } = system;
  proxy.both({ resetAfter: [500, 30_000] });
  const over = untilCut(proxy, times);
  const work = await workUntil(system, over);
  const givenUp = await expectKept(system, work, { mayBreak: true, mayFail: true });
  // How many run out of attempts is the line's doing, and a busy machine's; that some are answered is the system's.
  expect(givenUp).toBeLessThan(work.jobs.length);
  if (givenUp > 0)
    tally.count('every attempt of a job lost with its connection', 'failed, given back', givenUp);
  tally.count('reset in the middle of a connection', 'resumed, nothing lost or doubled', await over);
  expect(tally.total('resumed, nothing lost or doubled')).toBeGreaterThanOrEqual(isWhole ? 50 : 1);
});

test('frames cut short end the session, and the work goes on', async () => {
  const times = scaled(12);
  const tally = new FaultTally('link');
  onTestFinished(() => tally.file());
  const { proxy } = system;
  proxy.both({ limitData: [4_000, 20_000] });
  const over = untilCut(proxy, times);
  await expectKept(system, await workUntil(system, over));
  tally.count('connection closed in the middle of a frame', 'resumed, nothing lost or doubled', await over);
});

test('bits turned over end the session with the reason, and are never believed', async () => {
  const times = scaled(12);
  const tally = new FaultTally('link');
  onTestFinished(() => tally.file());
  const { proxy, node } = system;
  const closed = (): number =>
    linesOf(system.network.output.stderr).filter(({ event }) => event === 'session.closed').length;
  const before = { closed: closed(), codes: endedWith(system) };
  proxy.both({ corruptEvery: [6_000, 16_000] });
  const over = until(
    `${times} sessions ended by it`,
    async () => closed() - before.closed,
    (count) => count >= times,
    120_000,
  ).then(() => proxy.calm());
  await expectKept(system, await workUntil(system, over));
  const codes = endedWith(system);
  for (const code of before.codes) codes.splice(codes.indexOf(code), 1);
  expect(codes.length).toBeGreaterThan(0);
  expect(codes.filter((code) => !TYPED.includes(code))).toEqual([]);
  for (const code of codes) tally.count('a bit turned over', `session ended: ${code}`);
  tally.count('a bit turned over', 'resumed, nothing lost or doubled', closed() - before.closed);
  expect((await node.control.status()).stage).not.toBe('halted');
});
