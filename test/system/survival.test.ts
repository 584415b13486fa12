// Kills, with results pending: every accepted job ends acknowledged exactly once, and is paid once.
import { describe, expect, test } from 'vitest';
import { pollJob, submitJob } from '../e2e/polling.js';
import { type RunningNetwork, startNetworkProcess, startNodeProcess, until } from '../e2e/processes.js';
import { startWholeSystem, untilAcknowledged, untilReady, type WholeSystem } from '../e2e/whole-system.js';

const PROMPTS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'];

const completedAll = async (
  network: RunningNetwork,
  apiKey: string,
  jobs: readonly string[],
): Promise<void> => {
  for (const job of jobs) {
    await until(
      `job ${job} is completed`,
      () => pollJob(network, apiKey, job),
      ({ status }) => status === 'completed',
      60_000,
    );
  }
};

/** What the ledger says: each job settled once, nothing still reserved. */
const settledOnce = async (
  { namespace }: WholeSystem,
  network: RunningNetwork,
  jobs: readonly string[],
): Promise<void> => {
  const { entries } = await network.admin.call('ledger', { limit: 10_000 });
  for (const job of jobs) {
    expect(entries.filter((entry) => entry.job === job && entry.kind === 'settle')).toHaveLength(1);
  }
  const { accounts } = await network.admin.call('accounts.list', {});
  const balance = accounts
    .flatMap((account) => account.namespaces)
    .find((one) => one.namespace === namespace);
  expect(balance?.reserved).toBe('0');
};

describe('a network killed with results pending', () => {
  test('gets every result once it is back, each settled once', async () => {
    const system = await startWholeSystem({ tokensPerSecond: 40 });
    const { network, node, apiKey, directory } = system;
    const jobs = await Promise.all(PROMPTS.map((prompt) => submitJob(network, apiKey, prompt, 24)));
    await until(
      'jobs run',
      () => node.control.status(),
      (status) => status.jobs.running >= 4,
    );
    await network.kill('SIGKILL');
    await until(
      'results wait',
      () => node.control.status(),
      (status) => status.jobs.outbox >= 4 && !status.network.connected,
    );

    const again = await startNetworkProcess(directory, network.port);
    await completedAll(again, apiKey, jobs);
    await until(
      'the outbox is empty',
      () => node.control.status(),
      (status) => status.jobs.outbox === 0,
    );
    await settledOnce(system, again, jobs);
    const paid = await untilAcknowledged(node, jobs);
    expect(new Set(paid.map(({ receiptSeq }) => receiptSeq)).size).toBe(paid.length);
  });
});

describe('a node killed in the middle of jobs', () => {
  test('ends every accepted attempt with one acknowledged receipt, and the jobs complete', async () => {
    const system = await startWholeSystem({ tokensPerSecond: 40 });
    const { network, node, apiKey, directory } = system;
    const jobs = await Promise.all(PROMPTS.map((prompt) => submitJob(network, apiKey, prompt, 24)));
    await until(
      'jobs run',
      () => node.control.status(),
      (status) => status.jobs.running >= 4,
    );
    await node.kill('SIGKILL');

    const again = startNodeProcess(directory, network.url, { tokensPerSecond: 200 });
    await untilReady(again);
    await completedAll(network, apiKey, jobs);
    await until(
      'the outbox is empty',
      () => again.control.status(),
      (status) => status.jobs.outbox === 0,
    );
    await settledOnce(system, network, jobs);
    const attempts = await untilAcknowledged(again, jobs);
    expect(attempts.filter(({ outcome }) => outcome === 'interrupted').length).toBeGreaterThan(0);
    expect(new Set(attempts.map(({ receiptSeq }) => receiptSeq)).size).toBe(attempts.length);
  });
});

describe('a node told to stop', () => {
  test('finishes running jobs within the grace time and ends with exit code 0', async () => {
    const { network, node, apiKey } = await startWholeSystem({ tokensPerSecond: 40 });
    const job = await submitJob(network, apiKey, 'the last one', 24);
    await until(
      'the job runs',
      () => node.control.status(),
      (status) => status.jobs.running === 1,
    );
    const code = await node.kill('SIGTERM');
    expect(code).toBe(0);
    await until(
      'the job is completed',
      () => pollJob(network, apiKey, job),
      ({ status }) => status === 'completed',
    );
  });
});
