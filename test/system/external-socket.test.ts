// An engine that somebody else runs, over a Unix socket: not there yet, mixed up with another one, killed.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  type RunningNode,
  runHere,
  startEngineProcess,
  temporaryDirectory,
  until,
} from '../e2e/processes.js';
import { startWholeSystem, untilReady } from '../e2e/whole-system.js';

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

test('over a Unix socket: waited for without end, told apart from a wrong one, found again at the same path', async () => {
  const engines = await temporaryDirectory();
  const socket = join(engines, 'engine.sock');
  const { directory, client, node } = await startWholeSystem({
    isUnready: true,
    runtime: [
      ...['--runtime-driver', 'external', '--runtime-engine', 'simulator'],
      ...['--runtime-socket', socket],
    ],
  });
  const missing = await until(
    'the node misses its engine',
    () => node.control.status(),
    ({ runtime }) => runtime.failure !== null,
  );
  expect(missing.runtime.failure).toMatchObject({
    code: 'RUNTIME_START',
    message: "the engine's address leads to no socket",
    advice: 'Start the engine first, or correct the path.',
  });

  const wrong = await startEngineProcess(engines, `--uds=${socket}`, { models: ['another-model:chat'] });
  const mixedUp = await until(
    'the node sees another model',
    () => node.control.status(),
    ({ runtime }) => runtime.failure?.code === 'RUNTIME_MISMATCH',
  );
  expect(mixedUp.runtime.failure?.message).toContain('the engine serves another-model and not demo-chat');
  expect(mixedUp.runtime.failure?.advice).toContain('--served-model-name');
  const page = await runHere(['status', '--data-dir', node.dataDir], directory);
  expect(page.stdout).toContain('[RUNTIME_MISMATCH]');
  expect(page.stdout).toContain('--served-model-name');

  await wrong.kill('SIGTERM');
  const right = await startEngineProcess(engines, `--uds=${socket}`);
  await untilReady(node);
  expect((await client.chat.completions.create(SERVING)).choices[0]?.message.content).not.toBe('');

  await right.kill('SIGKILL');
  await rm(socket); // what a killed process leaves behind
  await runtimeIs(node, 'doubted', (state) => state !== 'ready');
  await startEngineProcess(engines, `--uds=${socket}`);
  await untilReady(node);
  expect((await client.chat.completions.create(SERVING)).choices[0]?.message.content).not.toBe('');
});
