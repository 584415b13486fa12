// An engine that somebody else runs, over TCP: killed while idle and during a job.
import { expect, test } from 'vitest';
import { pollJob, submitJob } from '../e2e/polling.js';
import { type RunningNode, startEngineProcess, temporaryDirectory, until } from '../e2e/processes.js';
import { startWholeSystem, untilAcknowledged, untilReady } from '../e2e/whole-system.js';

const SERVING = {
  max_tokens: 8,
  model: 'demo-chat',
  messages: [{ role: 'user' as const, content: 'Hello.' }],
};

const runtimeIs = (node: RunningNode, what: string, holds: (state: string) => boolean) =>
  until(
    `the Runtime is ${what}`,
    () => node.control.status(),
    ({ runtime }) => holds(runtime.state),
  );

test('over TCP: found again after it was killed while idle and during a job, which ends typed and is done again', async () => {
  const engines = await temporaryDirectory();
  const first = await startEngineProcess(engines, '--port=0', { tokensPerSecond: 40 });
  const where = `--port=${first.port}`;
  const { client, node, network, apiKey } = await startWholeSystem({
    runtime: [
      ...['--runtime-driver', 'external', '--runtime-engine', 'simulator'],
      ...['--runtime-url', `http://127.0.0.1:${first.port}`],
    ],
  });
  expect((await client.chat.completions.create(SERVING)).choices[0]?.message.content).not.toBe('');

  // While idle.
  await first.kill('SIGKILL');
  await runtimeIs(node, 'doubted', (state) => state !== 'ready');
  const second = await startEngineProcess(engines, where, { tokensPerSecond: 40 });
  await untilReady(node);
  expect((await client.chat.completions.create(SERVING)).choices[0]?.message.content).not.toBe('');

  // During a job.
  const job = await submitJob(network, apiKey, 'a long one', 60);
  await until(
    'the job runs',
    () => node.control.status(),
    ({ jobs }) => jobs.running === 1,
  );
  await second.kill('SIGKILL');
  await startEngineProcess(engines, where);
  const answer = await until(
    'the job is completed',
    () => pollJob(network, apiKey, job),
    ({ status }) => status === 'completed',
  );
  expect(answer.status).toBe('completed');
  await untilReady(node);
  const attempts = await untilAcknowledged(node, [job]);
  expect(attempts.at(0)?.outcome).toBe('completed');
  expect(['runtime_crashed', 'runtime_unreachable']).toContain(attempts.at(-1)?.outcome);
});
