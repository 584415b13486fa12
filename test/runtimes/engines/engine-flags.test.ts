import { expect, test } from 'vitest';
import { engineStart } from '../../../src/runtimes/engines/engine-arguments.js';
import { engineFlagsSchema } from '../../../src/runtimes/engines/engine-flags.js';
import { engineByKey, engineKeys } from '../../../src/runtimes/engines/engines.js';

const argumentsWith = (engine: string, flags: Readonly<Record<string, string>>): readonly string[] => {
  const definition = engineByKey(engine);
  return engineStart(definition, {
    models: [{ id: 'm', path: '/models/0', tasks: ['chat'] }],
    contextTokens: 2048,
    maxConcurrent: 2,
    flags,
    listen:
      definition.listen === 'unix' ? { kind: 'unix', path: '/run/x/e.sock' } : { kind: 'tcp', port: 8000 },
  }).arguments;
};

test('flags follow the engine’s own, joined to their value where the engine reads them so', () => {
  const own = argumentsWith('vllm', {});
  expect(argumentsWith('vllm', { 'gpu-memory-utilization': '0.9', 'enforce-eager': '' })).toEqual([
    ...own,
    '--gpu-memory-utilization=0.9',
    '--enforce-eager',
  ]);
  expect(argumentsWith('llama.cpp', { 'n-gpu-layers': '99', jinja: '' })).toEqual([
    ...argumentsWith('llama.cpp', {}),
    '--n-gpu-layers',
    '99',
    '--jinja',
  ]);
  expect(argumentsWith('simulator', { 'tokens-per-second': '40' }).at(-1)).toBe('--tokens-per-second=40');
});

test.each([
  ['vllm', { 'tensor-parallel-size': '2' }],
  ['vllm', { dtype: 'bfloat16' }],
  ['vllm', { quantization: 'compressed-tensors' }],
  ['vllm', { 'kv-cache-dtype': 'fp8_e4m3' }],
  ['vllm', { 'max-num-batched-tokens': '8192' }],
  ['vllm-cpu', { 'enforce-eager': '' }],
  ['llama.cpp', { 'cache-type-k': 'q8_0' }],
])('%s takes %j', (engine, flags) => {
  expect(argumentsWith(engine, flags)).toHaveLength(
    argumentsWith(engine, {}).length + (engineByKey(engine).flags.form === 'joined' ? 1 : 2),
  );
});

const unlisted = [
  'trust-remote-code',
  'uds',
  'host',
  'port',
  'seed',
  'api-key',
  'middleware',
  'chat-template',
].concat(['tool-parser-plugin', 'allowed-local-media-path', 'enable-lora', 'constructor', '__proto__', '']);

test.each(engineKeys.flatMap((engine) => unlisted.map((name) => [engine, name] as const)))(
  '%s refuses the flag %j',
  (engine, name) => {
    const flags = Object.fromEntries([[name, '']]);
    expect(() => argumentsWith(engine, flags)).toThrow(
      expect.objectContaining({
        code: 'ENGINE_START_INVALID',
        retryable: false,
        message: expect.stringContaining(`the flag ${JSON.stringify(name)} is not allowed`),
      }),
    );
  },
);

test.each([
  ['vllm', 'gpu-memory-utilization', '1.5'],
  ['vllm', 'gpu-memory-utilization', ''],
  ['vllm', 'gpu-memory-utilization', '0.9\n'],
  ['vllm', 'dtype', 'auto --trust-remote-code'],
  ['vllm', 'dtype', 'xauto'],
  ['vllm', 'dtype', 'autox'],
  ['vllm', 'enforce-eager', 'true'],
  ['vllm', 'load-format', 'pt'],
  ['vllm', 'quantization', '/etc/passwd'],
  ['vllm', 'distributed-executor-backend', 'ray'],
  ['llama.cpp', 'n-gpu-layers', '--rpc'],
  ['llama.cpp', 'jinja', 'x'],
])('%s refuses %s with the value %j', (engine, name, value) => {
  expect(() => argumentsWith(engine, { [name]: value })).toThrow(`the flag ${name} cannot have the value`);
});

test('without a GPU, vLLM takes no flag about GPUs', () => {
  expect(() => argumentsWith('vllm-cpu', { 'gpu-memory-utilization': '0.9' })).toThrow(/is not allowed/);
});

test.each(['(', '.*', '[a-z/-]+', '[a-z]*'])('a list with the pattern %j is none', (source) => {
  expect(engineFlagsSchema.safeParse({ form: 'joined', allowed: { x: source } }).success).toBe(false);
  expect(engineFlagsSchema.safeParse({ form: 'joined', allowed: { x: '[0-9]+' } }).success).toBe(true);
});
