// llama.cpp's server: one GGUF file per process, a Unix socket when the host's name ends in `.sock`.
import { openAiCanary, openAiInference } from './canaries.js';
import { GIBIBYTE, MEBIBYTE } from './container-definition.js';
import type { EngineDefinition } from './engine-definition.js';

export const llamaCpp: EngineDefinition = {
  key: 'llama.cpp',
  title: 'llama.cpp server',
  tasks: ['chat', 'completion', 'embedding'],
  maxModels: 1,
  weights: { from: 'file', extension: '.gguf' },
  process: {
    program: { from: 'path', name: 'llama-server' },
    arguments: [
      '--model',
      '{model_path}',
      '--alias',
      '{model_id}',
      '--host',
      '{socket}',
      '--ctx-size',
      '{context_tokens_total}', // it is divided by the slots (ggml-org/llama.cpp #11681)
      '--parallel',
      '{max_concurrent}',
      '--metrics',
      '--offline',
      '--no-webui',
      { ifEmbedding: ['--embedding'] },
    ],
    environment: {},
    stopSignal: 'SIGTERM',
  },
  flags: {
    form: 'separate', // it knows no `--name=value`
    allowed: {
      'n-gpu-layers': 'auto|all|[0-9]{1,4}',
      'flash-attn': 'on|off|auto',
      'cache-type-k': 'f32|f16|bf16|q8_0|q5_0|q5_1|q4_0|q4_1|iq4_nl',
      'cache-type-v': 'f32|f16|bf16|q8_0|q5_0|q5_1|q4_0|q4_1|iq4_nl',
      threads: '[1-9][0-9]{0,3}',
      'threads-batch': '[1-9][0-9]{0,3}',
      'batch-size': '[1-9][0-9]{0,6}',
      'ubatch-size': '[1-9][0-9]{0,6}',
      'split-mode': 'none|layer|row',
      'main-gpu': '[0-9]{1,2}',
      pooling: 'none|mean|cls|last|rank',
      'reasoning-format': 'none|auto|deepseek|deepseek-legacy',
      jinja: '',
      'no-mmap': '',
    },
  },
  container: {
    entrypoint: ['/app/llama-server'], // where its published images keep it, off the PATH
    environment: { HOME: '/tmp' },
    tmpfs: [{ target: '/tmp', sizeBytes: 256 * MEBIBYTE, exec: false }],
    memoryBytes: 16 * GIBIBYTE, // the mapped weights count while they are read
    sharedMemoryBytes: 64 * MEBIBYTE,
    pids: 1024,
    gpu: 'optional',
  },
  listen: 'unix',
  socketSuffix: '.sock',
  readiness: {
    path: '/health',
    ready: [200],
    loading: [503], // {"error":{"message":"Loading model",…}}
    needsWarmUp: false,
    probeEveryMs: 500,
    deadlineMs: 600_000,
  },
  paths: {
    models: '/v1/models',
    version: null,
    metrics: '/metrics',
    inference: openAiInference,
  },
  versionField: null,
  canary: openAiCanary,
  metrics: {
    running: 'llamacpp:requests_processing',
    waiting: 'llamacpp:requests_deferred',
    kvUse: null,
    tokensOut: 'llamacpp:tokens_predicted_total',
  },
  errorShapes: ['nested'],
  knownErrors: [
    {
      contains: 'Loading model',
      meaning: 'loading',
      retryable: true,
      advice: 'Wait until the model has been loaded.',
    },
    {
      contains: 'exceeds the available context size',
      meaning: 'context-exceeded',
      retryable: false,
      advice: 'Shorten the prompt or ask for fewer tokens.',
    },
    {
      contains: 'cudaMalloc failed: out of memory',
      meaning: 'out-of-memory',
      retryable: true,
      advice: 'Serve a smaller quantisation or a shorter context.',
    },
    {
      contains: 'failed to open GGUF file',
      meaning: 'model-files',
      retryable: false,
      advice: 'Check that the model directory holds one readable .gguf file.',
    },
    {
      contains: 'failed to load model',
      meaning: 'model-files',
      retryable: false,
      advice: 'The GGUF file cannot be loaded; download the model again or update llama.cpp.',
    },
    {
      contains: 'error: invalid argument',
      meaning: 'configuration',
      retryable: false,
      advice: 'Install the llama.cpp version the configuration asks for: this one does not know a flag.',
    },
  ],
};
