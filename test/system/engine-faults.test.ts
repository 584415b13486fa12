// An engine that breaks in each of the ways engines break, below a node that has promised something.
import type OpenAI from 'openai';
import { APIError } from 'openai';
import { expect, test } from 'vitest';
import { pollJob, submitJob } from '../e2e/polling.js';
import { until } from '../e2e/processes.js';
import { startWholeSystem, untilAcknowledged, untilReady, type WholeSystem } from '../e2e/whole-system.js';

/** How a client's streamed request ended: an answer, or the code of OpenAI's error. */
const endOf = async (client: OpenAI, content: string): Promise<string> => {
  try {
    const stream = await client.chat.completions.create({
      model: 'demo-chat',
      messages: [{ role: 'user', content }],
      max_tokens: 16,
      stream: true,
    });
    for await (const _chunk of stream);
    return 'answered';
  } catch (error) {
    if (!(error instanceof APIError)) throw error;
    return String(error.code);
  }
};

/** Every attempt the node accepted has ended with one receipt the network has acknowledged; nothing is reserved. */
const untilSettled = async ({ node, network, namespace }: WholeSystem): Promise<void> => {
  const attempts = await untilAcknowledged(node);
  expect(new Set(attempts.map(({ receiptSeq }) => receiptSeq)).size).toBe(attempts.length);
  const { accounts } = await network.admin.call('accounts.list', {});
  const balance = accounts.flatMap(({ namespaces }) => namespaces).find((one) => one.namespace === namespace);
  expect(balance?.reserved).toBe('0');
};

const FAULTS = [
  { fault: 'error-midstream', told: 'upstream_failed', outcome: 'runtime_crashed' },
  { fault: 'malformed', told: 'upstream_failed', outcome: 'output_malformed' },
  { fault: 'crash', told: 'upstream_failed', outcome: 'runtime_crashed' },
] as const;

test('each fault in mid-stream is an OpenAI error and one acknowledged receipt, and the node goes on', async () => {
  const system = await startWholeSystem({
    // Slow enough that a stream has spoken before it breaks: then nobody tries again.
    tokensPerSecond: 200,
    engine: ['--allow-prompt-faults'],
    amend: (draft) => ({ ...draft, jobs: { ...draft.jobs, exec_timeout_ms: 20_000 } }),
  });
  const { client, node, network, apiKey } = system;
  for (const { fault, told, outcome } of FAULTS) {
    expect({ fault, told: await endOf(client, `Please. [[fault:${fault}@8]]`) }).toEqual({ fault, told });
    await untilSettled(system);
    const [last] = await node.control.jobs(1);
    expect(last).toMatchObject({ outcome, verdict: 'accepted' });
    await untilReady(node);
    // A good answer ends the row of failures: three would bring a cool-down.
    expect({ fault, told: await endOf(client, 'Please.') }).toEqual({ fault, told: 'answered' });
  }
  await untilSettled(system);

  // Refused before a word was spoken: the client notices nothing, the network tries again.
  const job = await submitJob(network, apiKey, 'Please. [[fault:503]]', 16);
  await until(
    'the first attempt has its receipt',
    () => node.control.jobs(1),
    ([attempt]) => attempt?.job === job && attempt.state === 'acknowledged',
  );
  expect((await node.control.jobs(1))[0]).toMatchObject({ attempt: 1, outcome: 'runtime_unreachable' });
  expect((await pollJob(network, apiKey, job)).status).toBe('queued');
  await untilReady(node);
});

test('an engine that hangs is cut at the deadline of its job: typed for the client, receipted, nothing reserved', async () => {
  const system = await startWholeSystem({
    // Slow enough that a stream has spoken before it breaks: then nobody tries again.
    tokensPerSecond: 200,
    engine: ['--allow-prompt-faults'],
    amend: (draft) => ({ ...draft, jobs: { ...draft.jobs, exec_timeout_ms: 1_000 } }),
  });
  expect(await endOf(system.client, 'Please. [[fault:hang@8]]')).toBe('deadline_exceeded');
  await untilSettled(system);
  expect(await system.node.control.jobs(1)).toMatchObject([{ outcome: 'expired', state: 'acknowledged' }]);
  await untilReady(system.node);
});
