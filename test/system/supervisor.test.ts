// The Runtime of a real node through configurations that do not work: the one that did is taken up again, and what is
// given up stays so until somebody mends it.
import { expect, test } from 'vitest';
import type { RetryAnswer } from '../../src/console/node-view.js';
import type { ConfigDraft } from '../../src/network/publishing/config-publisher.js';
import { type Running, startNodeProcess, until } from '../e2e/processes.js';
import { draftIn, publish, startWholeSystem, untilReady } from '../e2e/whole-system.js';

/** The simulator as the configuration wants it, with nothing of the owner's. */
const OWN_ENGINE = ['--runtime-driver', 'process', '--runtime-engine', 'simulator'];

const logOf = ({ output }: Running): string => output.stdout + output.stderr;

const withFlags = (draft: ConfigDraft, flags: Record<string, string>): ConfigDraft => ({
  ...draft,
  runtimes: draft.runtimes.map((runtime) => ({ ...runtime, flags })),
});

test('an engine that crashes over its test request gives way to the one before, also under the next Agent; the next good one is taken up', async () => {
  const { directory, network, node: first, client } = await startWholeSystem({ runtime: OWN_ENGINE });
  const draft = await draftIn(directory);
  const ask = async (): Promise<string | null | undefined> => {
    const { choices } = await client.chat.completions.create({
      model: 'demo-chat',
      messages: [{ role: 'user', content: 'Please.' }],
      max_tokens: 4,
    });
    return choices[0]?.finish_reason;
  };
  expect(await publish(network, withFlags(draft, { fault: 'crash@0' }))).toBe(2);
  const isBack = async (node: typeof first): Promise<void> => {
    const { runtime } = await until(
      'the engine before is ready again',
      () => node.control.status(),
      (status) => status.runtime.state === 'ready' && status.runtime.behind != null,
      60_000,
    );
    expect(runtime.behind).toMatchObject({ code: 'RUNTIME_EXITED', retryable: true });
    await untilReady(node);
    expect(await ask()).toBe('length');
    expect(logOf(node)).toContain('"event":"runtime.rolled_back"');
  };
  await isBack(first);

  await first.kill('SIGKILL');
  const node = startNodeProcess(directory, network.url, { runtime: OWN_ENGINE });
  await isBack(node);

  expect(await publish(network, withFlags(draft, { 'tokens-per-second': '5000' }))).toBe(3);
  await until(
    'version 3 is served',
    () => node.control.status(),
    ({ runtime, config }) => config?.version === 3 && runtime.state === 'ready' && runtime.behind == null,
    60_000,
  );
  await untilReady(node);
  expect(await ask()).toBe('length');
}, 180_000);

test('a start that can never succeed is given up at once, also by the next Agent, until its owner says otherwise', async () => {
  const system = await startWholeSystem({
    runtime: OWN_ENGINE,
    amend: (draft) => withFlags(draft, { 'no-such-flag': '1' }),
    isUnready: true,
  });
  const { node, directory, network } = system;
  const given = (control: typeof node.control) =>
    until(
      'the Runtime is given up',
      () => control.status(),
      ({ runtime }) => runtime.state === 'quarantined',
      60_000,
    );
  const { runtime } = await given(node.control);
  expect(runtime.failure).toMatchObject({ code: 'ENGINE_START_INVALID', retryable: false });
  const { lastSync } = await until(
    'its models have failed',
    () => node.control.status(),
    ({ models, lastSync }) => models.every(({ state }) => state === 'failed') && lastSync !== null,
  );
  expect(lastSync).toMatchObject({
    outcome: 'applied',
    failure: {
      code: 'CONFIG_DISPROVED',
      message: expect.stringContaining(runtime.failure?.message ?? 'a reason'),
      advice: runtime.failure?.advice,
    },
  });

  await node.kill('SIGKILL');
  const again = startNodeProcess(directory, network.url, { runtime: OWN_ENGINE });
  expect((await given(again.control)).runtime.failure).toEqual(runtime.failure);
  expect(logOf(again)).not.toContain('"event":"runtime.quarantined"'); // remembered, not found anew

  const answer: RetryAnswer = await again.control.retryRuntime();
  expect(answer).toEqual({ retried: true, state: 'quarantined' });
  await until(
    'it was tried and given up anew',
    async () => logOf(again),
    (output) => output.includes('"event":"runtime.quarantined"'),
  );
  expect((await given(again.control)).runtime.failure).toEqual(runtime.failure);
}, 180_000);
