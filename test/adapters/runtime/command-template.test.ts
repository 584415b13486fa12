import { describe, expect, test } from 'vitest';
import { commandTemplate } from '../../../src/adapters/runtime/command-template.js';
import { modelOf, spec } from './specs.js';

const unix = { kind: 'unix', path: '/run/engine.sock' } as const;
const two = spec({
  models: [
    modelOf('a', { path: undefined, tasks: ['chat', 'completion'] }),
    modelOf('b:1', { path: undefined, tasks: ['embedding'] }),
  ],
});

test('puts every value in its place, one argument each', () => {
  const source = commandTemplate([
    'vllm',
    'serve',
    '{model_path}',
    '--uds={socket}',
    '--served-model-name',
    '{model_id}',
    '--max-model-len',
    '{context_tokens}',
    '--max-num-seqs',
    '{max_concurrent}',
    '{"json":{"kept":1}}',
  ]);
  expect(source.listen).toBe('unix');
  expect(source.build(spec({ models: [modelOf('m', { path: '/m; rm -rf' })] }), unix)).toEqual({
    program: 'vllm',
    arguments: [
      'serve',
      '/m; rm -rf',
      '--uds=/run/engine.sock',
      '--served-model-name',
      'm',
      '--max-model-len',
      '1024',
      '--max-num-seqs',
      '4',
      '{"json":{"kept":1}}',
    ],
  });
});

test('repeats the argument with {models} for each model', () => {
  const source = commandTemplate(['engine', '--models', '{models}', '--serve={models}']);
  expect(source.build(two, unix).arguments).toEqual([
    '--models',
    'a:chat,completion',
    'b:1:embedding',
    '--serve=a:chat,completion',
    '--serve=b:1:embedding',
  ]);
});

test('a port anywhere makes it listen on one', () => {
  const source = commandTemplate(['engine', '--host=127.0.0.1:{port}']);
  expect(source.listen).toBe('tcp');
  expect(source.build(spec(), { kind: 'tcp', port: 4711 }).arguments).toEqual(['--host=127.0.0.1:4711']);
});

describe('refuses', () => {
  test.each([[[]], [['']], [['engine', '{sokcet}']]])('the template %j', (template) => {
    expect(() => commandTemplate(template)).toThrow(expect.objectContaining({ code: 'RUNTIME_START' }));
  });

  test('an only model where there are two, and a path where there is none', () => {
    for (const part of ['{model_id}', '{model_path}']) {
      expect(() => commandTemplate(['engine', part]).build(two, unix)).toThrow(/asks for \{model_/);
    }
  });

  test.each(['--trust-remote-code', '-x', '', 'a b', 'a\nb', 'a\0b'])('the model id %j', (id) => {
    const models = [modelOf(id)];
    for (const part of ['{model_id}', '{models}']) {
      expect(() => commandTemplate(['engine', part]).build(spec({ models }), unix)).toThrow(/model id/);
    }
  });
});
