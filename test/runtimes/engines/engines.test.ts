import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type EngineStartInput, engineStart } from '../../../src/runtimes/engines/engine-arguments.js';
import { engineDefinitionSchema } from '../../../src/runtimes/engines/engine-definition.js';
import { explainFailure, readEngineFailure } from '../../../src/runtimes/engines/engine-failure.js';
import { engineByKey, engineKeys } from '../../../src/runtimes/engines/engines.js';
import { modelWeights } from '../../../src/runtimes/engines/model-weights.js';
import { start } from '../simulator/start.js';

const unix = { kind: 'unix', path: '/run/x/engine.sock' } as const;
const spec = (extra: Partial<EngineStartInput> = {}): EngineStartInput => ({
  models: [{ id: 'qwen3:8b', path: '/models/abc', tasks: ['chat', 'completion'] }],
  contextTokens: 4096,
  maxConcurrent: 8,
  flags: {},
  listen: unix,
  ...extra,
});

describe('engines', () => {
  test('are found by key, and an unknown one is answered with the known ones', () => {
    expect(engineKeys).toEqual(['vllm', 'vllm-cpu', 'llama.cpp', 'ollama', 'simulator']);
    for (const key of engineKeys) expect(engineByKey(key).key).toBe(key);
    expect(() => engineByKey('tgi')).toThrow(
      expect.objectContaining({
        code: 'ENGINE_UNKNOWN',
        advice: expect.stringContaining('vllm, vllm-cpu, llama.cpp, ollama, simulator'),
      }),
    );
  });

  test.each(engineKeys)('%s has a canary and a path for each of its tasks', (key) => {
    const definition = engineByKey(key);
    for (const task of definition.tasks) {
      expect(Object.values(definition.paths.inference)).toContain(definition.canary[task]?.path);
    }
  });

  test('with an unknown placeholder are no definition', () => {
    const vllm = engineByKey('vllm');
    const process = { ...vllm.process, arguments: ['--x={sockets}'] };
    expect(engineDefinitionSchema.safeParse({ ...vllm, process }).success).toBe(false);
  });
});

describe('a start', () => {
  test('of vLLM has every flag the node relies on', () => {
    const { program, arguments: args, environment } = engineStart(engineByKey('vllm'), spec());
    expect(program).toEqual({ from: 'path', name: 'vllm' });
    expect(args).toEqual([
      'serve',
      '/models/abc',
      '--uds=/run/x/engine.sock',
      '--served-model-name=qwen3:8b',
      '--max-model-len=4096',
      '--max-num-seqs=8',
      '--seed=0',
      '--generation-config=vllm',
      '--enable-force-include-usage',
      '--disable-access-log-for-endpoints=/health,/metrics',
      '--disable-fastapi-docs',
      '--shutdown-timeout=0',
    ]);
    expect(environment).toMatchObject({ HF_HUB_OFFLINE: '1', VLLM_NO_USAGE_STATS: '1' });
  });

  test('of llama.cpp multiplies the context by its slots, and embeds only for embedding models', () => {
    const llama = engineByKey('llama.cpp');
    const args = engineStart(llama, spec()).arguments;
    expect(args[args.indexOf('--ctx-size') + 1]).toBe('32768');
    expect(args).not.toContain('--embedding');
    const models = [{ id: 'e', path: '/models/e.gguf', tasks: ['embedding' as const] }];
    expect(engineStart(llama, spec({ models })).arguments).toContain('--embedding');
    expect(() => engineStart(llama, spec({ listen: { kind: 'unix', path: '/run/x/engine' } }))).toThrow(
      /end in .sock/,
    );
  });

  test('of Ollama goes through its environment, on a loopback port', () => {
    const listen = { kind: 'tcp', port: 4321 } as const;
    expect(engineStart(engineByKey('ollama'), spec({ listen }))).toMatchObject({
      arguments: ['serve'],
      environment: { OLLAMA_HOST: '127.0.0.1:4321', OLLAMA_NUM_PARALLEL: '8', OLLAMA_KEEP_ALIVE: '-1' },
    });
    expect(() => engineStart(engineByKey('ollama'), spec())).toThrow(/listens on tcp, not on unix/);
  });

  test('of the simulator serves many models, each with its task', () => {
    const models = [
      { id: 'a', path: undefined, tasks: ['chat' as const] },
      { id: 'b', path: undefined, tasks: ['embedding' as const] },
    ];
    const { program, arguments: args } = engineStart(engineByKey('simulator'), spec({ models }));
    expect(program).toEqual({ from: 'node' });
    expect(args.slice(args.indexOf('--served-model-name'))).toEqual([
      '--served-model-name',
      'a:chat',
      'b:embedding',
    ]);
    expect(args.some((argument) => argument.startsWith('--model='))).toBe(false);
  });

  test.each([
    [
      'an id that is a flag',
      { models: [{ id: '--trust-remote-code', path: '/m', tasks: [] }] },
      /read as a flag/,
    ],
    ['an id with a space', { models: [{ id: 'a --b', path: '/m', tasks: [] }] }, /read as a flag/],
    ['a relative path', { models: [{ id: 'a', path: 'm', tasks: [] }] }, /not absolute/],
    ['no path where one is needed', { models: [{ id: 'a', path: undefined, tasks: [] }] }, /\{model_path\}/],
    ['no model', { models: [] }, /no model/],
    [
      'two models',
      {
        models: [
          { id: 'a', path: '/m', tasks: [] },
          { id: 'b', path: '/m', tasks: [] },
        ],
      },
      /serves 1 model at once/,
    ],
    [
      'a socket path that would be cut off',
      { listen: { kind: 'unix', path: `/${'x'.repeat(120)}` } },
      /longer than 103 bytes/,
    ],
  ] satisfies [string, Partial<EngineStartInput>, RegExp][])(
    'of vLLM is refused with %s',
    (_, extra, why) => {
      expect(() => engineStart(engineByKey('vllm'), spec(extra))).toThrow(why);
    },
  );

  test('leaves an id with shell characters as it is, in one argument', () => {
    const models = [{ id: 'a;$(rm)|`x`{socket}', path: '/m', tasks: [] }];
    expect(engineStart(engineByKey('vllm'), spec({ models })).arguments).toContain(
      '--served-model-name=a;$(rm)|`x`{socket}',
    );
  });
});

describe('weights', () => {
  test('are the directory, its one file, or nothing', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'weights-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    await expect(modelWeights(engineByKey('llama.cpp'), directory)).rejects.toThrow(
      /needs one .gguf file .* holds 0/,
    );
    writeFileSync(join(directory, 'm-00001-of-00002.gguf'), '');
    writeFileSync(join(directory, 'm-00002-of-00002.gguf'), '');
    expect(await modelWeights(engineByKey('llama.cpp'), directory)).toBe(
      join(directory, 'm-00001-of-00002.gguf'),
    );
    expect(await modelWeights(engineByKey('vllm'), directory)).toBe(directory);
    expect(await modelWeights(engineByKey('simulator'), directory)).toBeUndefined();
    await expect(modelWeights(engineByKey('vllm'), join(directory, 'none'))).rejects.toMatchObject({
      code: 'ENGINE_START_INVALID',
    });
  });
});

describe('a failure', () => {
  test('has one form, whatever the engine’s is', () => {
    const nested = '{"error":{"message":"no","type":"NotFoundError","param":"model","code":404}}';
    const form = { status: 404, message: 'no', type: 'NotFoundError', param: 'model' };
    expect(readEngineFailure(engineByKey('vllm'), 404, nested)).toEqual(form);
    expect(readEngineFailure(engineByKey('vllm'), 200, nested)).toEqual(form);
    const flat = '{"object":"error","message":"no","type":"NotFoundError","param":"model","code":404}';
    expect(readEngineFailure(engineByKey('vllm'), 404, flat)).toEqual(form);
    const text = { status: 500, message: 'no', type: undefined, param: undefined };
    expect(readEngineFailure(engineByKey('ollama'), 500, '{"error":"no"}')).toEqual(text);
    expect(readEngineFailure(engineByKey('vllm'), 502, '<html>')).toEqual({
      ...text,
      status: 502,
      message: '<html>',
    });
    expect(readEngineFailure(engineByKey('vllm'), 503, '').message).toBe('HTTP status 503 without a message');
  });

  test('is explained by words in the log', () => {
    const log =
      'ValueError: Free memory on device (6.9/8.0 GiB) on startup is less than desired GPU memory utilization (0.9, 7.2 GiB).';
    expect(explainFailure(engineByKey('vllm'), log)).toMatchObject({
      meaning: 'memory-held',
      retryable: true,
    });
    expect(explainFailure(engineByKey('vllm'), 'all is well')).toBeUndefined();
  });

  test('of the simulator reads and means what vLLM’s does', async () => {
    const { url } = await start({ maxModelLen: 32 });
    const body = JSON.stringify({ prompt: 'x', max_tokens: 100 });
    const response = await fetch(`${url}/v1/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    const failure = readEngineFailure(engineByKey('vllm'), response.status, await response.text());
    expect(failure).toMatchObject({ status: 400, type: 'BadRequestError', param: 'input_tokens' });
    expect(explainFailure(engineByKey('simulator'), failure.message)?.meaning).toBe('context-exceeded');
  });
});

describe('the simulator’s definition', () => {
  test('matches what the simulator serves', async () => {
    const definition = engineByKey('simulator');
    const { url } = await start({ servedModelName: ['a', 'b:embedding'] });
    expect(definition.readiness.ready).toContain((await fetch(url + definition.readiness.path)).status);
    const metrics = await (await fetch(url + (definition.paths.metrics ?? ''))).text();
    for (const name of Object.values(definition.metrics)) expect(metrics).toContain(`\n${name}{`);
    const version = (await (await fetch(url + (definition.paths.version ?? ''))).json()) as Record<
      string,
      unknown
    >;
    expect(version[definition.versionField ?? '']).toMatch(/simulator/);
    for (const [task, canary] of Object.entries(definition.canary)) {
      const response = await fetch(url + canary.path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...canary.body, model: task === 'embedding' ? 'b' : 'a' }),
      });
      expect(response.status).toBe(200);
    }
  });
});
