// A hundred starts at once on one data directory: one daemon, and ninety-nine that say who it is.
import { hostname } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { EXIT } from '../../../src/cli/exit-codes.js';
import {
  type RunningNode,
  startNetworkProcess,
  startNodeProcess,
  temporaryDirectory,
  until,
} from '../../e2e/processes.js';
import { FaultTally } from '../report.js';
import { scaled } from '../scale.js';

const AT_ONCE = scaled(100);
/** Enough for the second question: whether the dead holder's name is believed. */
const AGAIN = scaled(20);

/** Starts them all, waits until all but one have ended. @returns that one */
const race = async (directory: string, url: string, times: number): Promise<RunningNode> => {
  const nodes = Array.from({ length: times }, () => startNodeProcess(directory, url));
  const codes = new Map<RunningNode, number | null>();
  for (const node of nodes) void node.ended.then((code) => codes.set(node, code));
  await until(
    'all but one have ended',
    async () => codes.size,
    (ended) => ended === times - 1,
    400_000,
  );
  const [winner] = nodes.filter((node) => !codes.has(node));
  if (winner === undefined) throw new Error('nobody won');
  const status = await until(
    'the winner answers',
    () => winner.control.status(),
    () => true,
  );
  expect(status.pid).toBe(winner.pid);
  for (const [loser, code] of codes) {
    expect(code).toBe(EXIT.alreadyRunning);
    expect(loser.output.stderr).toContain(`process ${winner.pid} on ${hostname()}`);
    expect(loser.output.stderr).toContain('[DAEMON_RUNNING]');
  }
  return winner;
};

test('one of a hundred simultaneous starts wins, and again after the winner was killed', async () => {
  const tally = new FaultTally('start');
  onTestFinished(() => tally.file());
  const directory = await temporaryDirectory();
  const network = await startNetworkProcess(directory);
  const winner = await race(directory, network.url, AT_ONCE);
  tally.count('simultaneous starts on one data directory', 'one daemon, the others name it', AT_ONCE - 1);
  await winner.kill('SIGKILL');
  await race(directory, network.url, AGAIN);
  tally.count('simultaneous starts after kill -9 of the holder', 'one daemon, the others name it', AGAIN - 1);
});
