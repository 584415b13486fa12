// Work for a node whose link is bad, and what must be true of it in the end: every job answered, every accepted attempt
// acknowledged and paid once, every stream whole, one session.
import type OpenAI from 'openai';
import { expect } from 'vitest';
import { DEFAULT_OPTIONS } from '../../../src/network/desk/core-options.js';
import { NOT_SENT } from '../../../src/network/jobs/job-transitions.js';
import { pollJob, submitJob } from '../../e2e/polling.js';
import { until } from '../../e2e/processes.js';
import { untilAcknowledged, type WholeSystem } from '../../e2e/whole-system.js';
import { linesOf } from '../lines-of.js';

export interface Load {
  readonly jobs: readonly string[];
  readonly streams: readonly Promise<string>[];
  readonly tokens: number;
}

/** @returns the text of a stream; rejects when it ends with an error */
const readStream = async (client: OpenAI, seed: number, tokens: number): Promise<string> => {
  const stream = await client.chat.completions.create({
    model: 'demo-chat',
    messages: [{ role: 'user', content: 'Tell a long story.' }],
    max_tokens: tokens,
    temperature: 0,
    seed,
    stream: true,
  });
  let text = '';
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
  return text;
};

export interface LoadPlan {
  readonly jobs: number;
  readonly streams: number;
  readonly tokens: number;
}

export const load = async (system: WholeSystem, { jobs, streams, tokens }: LoadPlan): Promise<Load> => {
  const { network, apiKey, client } = system;
  const running = Array.from({ length: streams }, (_, seed) => readStream(client, seed, tokens));
  for (const one of running) one.catch(() => undefined); // judged at the end
  const prompts = Array.from({ length: jobs }, (_, index) => `job ${index}`);
  return {
    jobs: await Promise.all(prompts.map((prompt) => submitJob(network, apiKey, prompt, tokens))),
    streams: running,
    tokens,
  };
};

/** The network's books: each job paid once, or given back once, and nothing held back. */
const expectPaidOnce = async (
  { network, namespace }: WholeSystem,
  completed: readonly string[],
  failed: readonly string[],
): Promise<void> => {
  const { entries } = await network.admin.call('ledger', { limit: 10_000 });
  const count = (job: string, kind: string): number =>
    entries.filter((entry) => entry.job === job && entry.kind === kind).length;
  for (const job of completed) expect([job, count(job, 'settle')]).toEqual([job, 1]);
  for (const job of failed) expect([count(job, 'settle'), count(job, 'release')]).toEqual([0, 1]);
  const { accounts } = await network.admin.call('accounts.list', {});
  const balances = accounts.flatMap((account) => account.namespaces);
  expect(balances.find((one) => one.namespace === namespace)?.reserved).toBe('0');
};

/** A job may fail when each of its attempts was lost with a connection, and then only after as many as there may be. */
const expectLostEachTime = async ({ network }: WholeSystem, failed: readonly string[]): Promise<void> => {
  const { jobs } = await network.admin.call('jobs', { limit: 10_000 });
  for (const { attempts } of jobs.filter(({ job }) => failed.includes(job))) {
    // An offer that was never sent is none of them.
    const sent = attempts.filter(({ code }) => code !== NOT_SENT);
    expect(sent.map(({ state }) => state)).toEqual(
      Array.from({ length: DEFAULT_OPTIONS.maxAttempts }, () => 'lost'),
    );
  }
};

/** The node's books: accepted attempts acknowledged, one receipt each, numbers without a gap, no time run backwards. */
export const expectSoundAttempts = async ({ node }: Pick<WholeSystem, 'node'>): Promise<number> => {
  const attempts = await untilAcknowledged(node);
  const numbers = attempts.map(({ receiptSeq }) => receiptSeq ?? 0).sort((a, b) => a - b);
  expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 1) + index));
  for (const { firstTokenMs, totalMs } of attempts) {
    expect(firstTokenMs ?? 0).toBeGreaterThanOrEqual(0);
    expect(totalMs ?? 0).toBeGreaterThanOrEqual(firstTokenMs ?? 0);
  }
  expect(new Set(attempts.map(({ job, attempt }) => `${job} ${attempt}`)).size).toBe(attempts.length);
  return attempts.length;
};

/** Sessions of the network's log that were opened and not closed. */
export const openSessions = ({ network }: Pick<WholeSystem, 'network'>): number => {
  const events = linesOf(network.output.stderr).map(({ event }) => event);
  const count = (name: string): number => events.filter((event) => event === name).length;
  return count('session.opened') - count('session.closed');
};

/**
 * Waits for the end of all work and judges it.
 * @param mayBreak whether a stream may end with an error
 * @param mayFail whether the network may give a job up after so many cuts
 * @returns how many jobs it gave up
 */
export const expectKept = async (
  system: WholeSystem,
  { jobs, streams, tokens }: Load,
  { mayBreak = false, mayFail = false, withinMs = 90_000 } = {},
): Promise<number> => {
  const { network, node, apiKey, client } = system;
  const failed: string[] = [];
  for (const job of jobs) {
    const { status } = await until(
      `job ${job} has ended`,
      () => pollJob(network, apiKey, job),
      (polled) => ['completed', 'failed'].includes(polled.status),
      withinMs,
    );
    if (status === 'failed') failed.push(job);
  }
  if (!mayFail) expect(failed).toEqual([]);
  await expectLostEachTime(system, failed);
  const ended = await Promise.allSettled(streams);
  if (!mayBreak) expect(ended.filter(({ status }) => status === 'rejected')).toEqual([]);
  // The simulator says the same again: what came in pieces through the weather must be what comes in a calm.
  const calm = await Promise.all(ended.map((_, seed) => readStream(client, seed, tokens)));
  for (const [seed, end] of ended.entries()) {
    if (end.status === 'fulfilled') expect(end.value).toBe(calm[seed]);
  }
  await until(
    'the outbox is empty',
    () => node.control.status(),
    (status) => status.jobs.outbox === 0 && status.jobs.running === 0,
  );
  await expectPaidOnce(
    system,
    jobs.filter((job) => !failed.includes(job)),
    failed,
  );
  await expectSoundAttempts(system);
  await until(
    'one session is left',
    async () => openSessions(system),
    (open) => open === 1,
  );
  return failed.length;
};
