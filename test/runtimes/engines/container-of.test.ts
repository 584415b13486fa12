import { describe, expect, test } from 'vitest';
import type { RuntimeSpec } from '../../../src/adapters/runtime/runtime-driver.js';
import { type ContainerRequest, containerSpec } from '../../../src/runtimes/engines/container-of.js';
import { engineByKey, engineKeys } from '../../../src/runtimes/engines/engines.js';

const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;
const GIBIBYTE = 1024 ** 3;

const spec: RuntimeSpec = {
  specHash: digest('0'),
  engine: 'vllm',
  models: [{ id: 'qwen3:8b', digest: digest('1'), path: '/data/models/one', tasks: ['chat'] }],
  maxConcurrent: 8,
  contextTokens: 4096,
  image: `registry.example/vllm@${digest('2')}`,
  bridgeImage: undefined,
  flags: {},
  gpus: ['GPU-b', 'GPU-a'],
  memoryBytes: undefined,
  sharedMemoryBytes: undefined,
  origin: { network: 'net', configDigest: digest('3') },
};

const bind = (hostPath: string) => ({ kind: 'bind', hostPath }) as const;

const request = (
  engine: string,
  specExtra: Partial<RuntimeSpec> = {},
  extra: Partial<ContainerRequest> = {},
): ContainerRequest => ({
  definition: engineByKey(engine),
  spec: { ...spec, engine, ...specExtra },
  user: '2000:0',
  socketSource: bind('/data/runtime/x'),
  modelSources: [{ source: bind('/data/models/one'), weights: '' }],
  cpus: undefined,
  ...extra,
});

const bridgeImage = digest('4');
const made = (...given: Parameters<typeof request>) => containerSpec(request(...given));
const refused = (what: RegExp) =>
  expect.objectContaining({ code: 'ENGINE_START_INVALID', message: expect.stringMatching(what) });

describe('a container', () => {
  test('of vLLM, field by field', () => {
    const { specHash, args, environment, ...rest } = made(
      'vllm',
      { flags: { 'gpu-memory-utilization': '0.9' } },
      { cpus: 1.5 },
    );
    expect(specHash).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(args.slice(0, 4)).toEqual([
      'serve',
      '/models/0',
      '--uds=/run/engine/engine.sock',
      '--served-model-name=qwen3:8b',
    ]);
    expect(args.at(-1)).toBe('--gpu-memory-utilization=0.9');
    expect(environment).toMatchObject({ HF_HUB_OFFLINE: '1', VLLM_HOST_IP: '127.0.0.1', HOME: '/tmp' });
    expect(rest).toEqual({
      image: spec.image,
      entrypoint: ['vllm'],
      user: '2000:0',
      socketMount: { source: bind('/data/runtime/x'), target: '/run/engine', readOnly: false },
      modelMounts: [{ source: bind('/data/models/one'), target: '/models/0', readOnly: true }],
      tmpfs: [{ target: '/tmp', sizeBytes: 4 * GIBIBYTE, exec: true }],
      limits: {
        memoryBytes: 32 * GIBIBYTE,
        sharedMemoryBytes: 10 * GIBIBYTE,
        pids: 4096,
        cpus: 1.5,
      },
      gpus: ['GPU-a', 'GPU-b'],
      stopSignal: 'SIGTERM',
      bridge: undefined,
      labels: { network: 'net', configDigest: digest('3') },
    });
  });

  test('of vLLM for CPUs asks for what was seen to work, and gets no GPU', () => {
    const { args, environment, gpus, limits } = made('vllm-cpu');
    expect(args).toEqual(made('vllm').args);
    expect(environment).toMatchObject({
      TORCHDYNAMO_DISABLE: '1',
      VLLM_CPU_OMP_THREADS_BIND: 'nobind',
      VLLM_CPU_KVCACHE_SPACE: '1',
      TRANSFORMERS_OFFLINE: '1',
    });
    expect(gpus).toEqual([]);
    expect(limits).toEqual({
      memoryBytes: 8 * GIBIBYTE,
      sharedMemoryBytes: GIBIBYTE / 4,
      pids: 4096,
      cpus: undefined,
    });
    expect(made('vllm').environment).not.toHaveProperty('TORCHDYNAMO_DISABLE');
  });

  test('of llama.cpp is pointed at the file inside the model’s directory', () => {
    const modelSources = [{ source: bind('/data/models/one'), weights: 'm-00001-of-00002.gguf' }];
    const { args, modelMounts, gpus } = made('llama.cpp', {}, { modelSources });
    expect(args[args.indexOf('--model') + 1]).toBe('/models/0/m-00001-of-00002.gguf');
    expect(modelMounts.map(({ target, readOnly }) => [target, readOnly])).toEqual([['/models/0', true]]);
    expect(gpus).toEqual(['GPU-a', 'GPU-b']);
    expect(made('llama.cpp', { gpus: [] }, { modelSources }).gpus).toEqual([]);
  });

  test('can have its directories from named volumes', () => {
    const source = { kind: 'volume', name: 'models' } as const;
    const socketSource = { kind: 'volume', name: 'sockets' } as const;
    const { args, modelMounts, socketMount } = made(
      'vllm',
      {},
      { socketSource, modelSources: [{ source, weights: 'installed/one' }] },
    );
    expect(args[1]).toBe('/models/0/installed/one');
    expect(modelMounts).toEqual([{ source, target: '/models/0', readOnly: true }]);
    expect(socketMount.source).toEqual(socketSource);
  });

  test('of Ollama has a bridge to its port, and sees no model of the node’s', () => {
    const { args, environment, modelMounts, bridge } = made('ollama', { bridgeImage });
    expect(args).toEqual(['serve']);
    expect(environment).toMatchObject({ OLLAMA_HOST: '127.0.0.1:8000', OLLAMA_MODELS: '/models' });
    expect(modelMounts).toEqual([]);
    expect(bridge).toEqual({
      image: bridgeImage,
      entrypoint: ['resultity-node', 'bridge-socket'],
      args: ['--uds=/run/engine/engine.sock', '--port=8000'],
    });
  });

  test('of the simulator serves several models without files', () => {
    const models = ['a', 'b'].map((id) => ({ id, digest: digest('1'), path: undefined, tasks: [] }));
    const { args, entrypoint, modelMounts } = made(
      'simulator',
      { models },
      { modelSources: [undefined, undefined] },
    );
    expect(entrypoint).toEqual(['resultity-node']);
    expect(args.slice(-2)).toEqual(['a:chat', 'b:chat']);
    expect(modelMounts).toEqual([]);
  });

  test('of an engine that knows sockets has no bridge, whatever image there is for one', () => {
    expect(made('vllm', { bridgeImage }).bridge).toBeUndefined();
  });

  test('takes the configuration’s bounds before the engine’s', () => {
    const { limits } = made('vllm', { memoryBytes: 7, sharedMemoryBytes: 5 });
    expect(limits).toMatchObject({ memoryBytes: 7, sharedMemoryBytes: 5 });
  });

  test.each(engineKeys)('of %s keeps its shared memory and tmpfs within its memory', (key) => {
    const { tmpfs, limits } = made(key, { bridgeImage });
    const sizes = tmpfs.reduce((sum, { sizeBytes }) => sum + sizeBytes, limits.sharedMemoryBytes);
    expect(sizes).toBeLessThan(limits.memoryBytes);
  });
});

describe('the hash', () => {
  const base = made('vllm').specHash;

  test('stays for equal input, in whatever order it comes', () => {
    expect(made('vllm').specHash).toBe(base);
    expect(made('vllm', { gpus: ['GPU-a', 'GPU-b'] }).specHash).toBe(base);
    const definition = engineByKey('vllm');
    const environment = Object.fromEntries(Object.entries(definition.container.environment).reverse());
    const container = { ...definition.container, environment };
    expect(made('vllm', {}, { definition: { ...definition, container } }).specHash).toBe(base);
  });

  test('says nothing of where the spec comes from', () => {
    const origin = { network: 'other', configDigest: digest('9') };
    const other = made('vllm', { origin, specHash: digest('8') });
    expect(other.specHash).toBe(base);
    expect(other.labels).toEqual(origin);
  });

  test.each<[string, Partial<RuntimeSpec>, Partial<ContainerRequest>]>([
    ['the image', { image: digest('5') }, {}],
    ['a flag', { flags: { dtype: 'half' } }, {}],
    ['the GPUs', { gpus: ['GPU-a'] }, {}],
    ['the memory', { memoryBytes: GIBIBYTE }, {}],
    ['the shared memory', { sharedMemoryBytes: GIBIBYTE }, {}],
    ['the context', { contextTokens: 8192 }, {}],
    ['the slots', { maxConcurrent: 4 }, {}],
    ['the user', {}, { user: '1000:0' }],
    ['the processors', {}, { cpus: 2 }],
    ['the socket’s directory', {}, { socketSource: bind('/data/runtime/y') }],
    ['the model’s directory', {}, { modelSources: [{ source: bind('/data/models/two'), weights: '' }] }],
    ['a volume of the same name', {}, { socketSource: { kind: 'volume', name: '/data/runtime/x' } }],
  ])('changes with %s', (_, specExtra, extra) => {
    expect(made('vllm', specExtra, extra).specHash).not.toBe(base);
  });

  test('changes with the bridge’s image', () => {
    const one = made('ollama', { bridgeImage }).specHash;
    expect(made('ollama', { bridgeImage: digest('5') }).specHash).not.toBe(one);
  });
});

describe('no container is made', () => {
  test.each<[string, string, Partial<RuntimeSpec>, Partial<ContainerRequest>, RegExp]>([
    ['without an image', 'vllm', { image: undefined }, {}, /names no image for it/],
    ['without a bridge where one is needed', 'ollama', {}, {}, /names no image for the bridge/],
    ['without a GPU where one is needed', 'vllm', { gpus: [] }, {}, /needs a GPU/],
    ['without weights where they are needed', 'vllm', {}, { modelSources: [] }, /\{model_path\}/],
    ['with a flag that runs code', 'vllm', { flags: { 'trust-remote-code': '' } }, {}, /not allowed/],
    ['with a flag’s value out of bounds', 'vllm', { flags: { dtype: 'int4' } }, {}, /cannot have the value/],
  ])('%s', (_, engine, specExtra, extra, why) => {
    expect(() => made(engine, specExtra, extra)).toThrow(refused(why));
  });

  test.each(['..', '../other', 'a/../../b', './a', '/etc', 'a\0b'])('for weights at %j', (weights) => {
    const modelSources = [{ source: bind('/data/models/one'), weights }];
    expect(() => made('llama.cpp', {}, { modelSources })).toThrow(refused(/outside their directory/));
  });
});
