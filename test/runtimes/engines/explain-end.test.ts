// What an engine's last words say about its end, and which words say nothing about it.
import { expect, test } from 'vitest';
import { explainEnd } from '../../../src/runtimes/engines/engine-failure.js';
import { engineByKey } from '../../../src/runtimes/engines/engines.js';

const vllm = engineByKey('vllm');

test.each([
  ['ValueError: No available memory for the cache blocks. Try increasing …', 'out-of-memory', false],
  ['vllm: error: unrecognized arguments: --swap-space', 'configuration', false],
  ['Free memory on device (3.1 GiB) is less than desired GPU memory utilization', 'memory-held', true],
  ['RuntimeError: Engine core initialization failed. See root cause above.', 'engine-dead', true],
])('%s', (words, meaning, retryable) => {
  expect(explainEnd(vllm, `INFO loading\n${words}\n`)).toMatchObject({ meaning, retryable });
});

test('what a job did wrong is no reason for the engine’s end', () => {
  const words = "ValueError: This model's maximum context length is 4096 tokens. However, …";
  expect(explainEnd(vllm, words)).toBeUndefined();
  expect(explainEnd(vllm, `${words}\nEngineDeadError`)).toMatchObject({ meaning: 'engine-dead' });
});
