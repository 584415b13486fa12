// Slow links: late, in crumbs, narrow. Nothing is taken for dead, no stream starves the heartbeat.
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { sharedRig } from '../../e2e/processes.js';
import type { Weather } from '../proxy/weather.js';
import { FaultTally } from '../report.js';
import { type LinkedSystem, startLinkedSystem } from './linked-system.js';
import { expectKept, load } from './load.js';

let system: LinkedSystem;
let cleanUp: () => Promise<void>;
beforeAll(async () => {
  const started = await sharedRig(() =>
    startLinkedSystem('slow', { tokensPerSecond: 100, pings: [1_000, 5_000] }),
  );
  system = started.rig;
  cleanUp = started.cleanUp;
}, 300_000);
afterAll(() => cleanUp());

/** Bounds of the lease: a heart that is silent for longer costs jobs. */
const LEASE_MS = 30_000;

/** The longest time between two answers to heartbeats while `work` goes on; milliseconds. */
const longestSilence = async (work: Promise<unknown>): Promise<number> => {
  let isOver = false;
  void work.finally(() => {
    isOver = true;
  });
  let longestMs = 0;
  while (!isOver) {
    const { network } = await system.node.control.status();
    longestMs = Math.max(longestMs, Date.now() - (network.lastAckMs ?? Date.now()));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return longestMs;
};

test.each<readonly [string, Weather]>([
  ['500 ms late each way', { latencyMs: 500 }],
  ['in crumbs of at most 64 bytes', { sliceBytes: 64 }],
  ['of 16 kB a second', { bytesPerSecond: 16_000 }],
])('a link %s keeps its one session, and every job', async (name, weather) => {
  const tally = new FaultTally('link');
  onTestFinished(() => tally.file());
  const { proxy, network, node } = system;
  proxy.both(weather);
  const work = await load(system, { jobs: 8, streams: 4, tokens: 150 });
  const silenceMs = await longestSilence(Promise.allSettled(work.streams));
  await expectKept(system, work);
  expect(silenceMs).toBeLessThan(LEASE_MS);
  expect(network.output.stderr).not.toContain('session.silent');
  expect(node.output.stdout).not.toContain('link.closed');
  expect(network.output.stderr.match(/session\.opened/g)).toHaveLength(1);
  tally.count(`a link ${name}`, 'every job kept in one session', work.jobs.length + work.streams.length);
  proxy.calm();
});
