// Ollama: many models in a store of its own, a TCP port only, no metrics. Never asked to pull or delete anything.
import { openAiCanary, openAiInference } from './canaries.js';
import { GIBIBYTE, MEBIBYTE } from './container-definition.js';
import type { EngineDefinition } from './engine-definition.js';

export const ollama: EngineDefinition = {
  key: 'ollama',
  title: 'Ollama',
  tasks: ['chat', 'completion', 'embedding'],
  maxModels: 3, // its own default on a CPU, and per GPU; more would be loaded and unloaded in turns
  weights: { from: 'own-store' },
  process: {
    program: { from: 'path', name: 'ollama' },
    arguments: ['serve'],
    environment: {
      OLLAMA_HOST: '127.0.0.1:{port}',
      OLLAMA_KEEP_ALIVE: '-1', // otherwise a model is unloaded after five idle minutes
      OLLAMA_NUM_PARALLEL: '{max_concurrent}', // its default is 1
      OLLAMA_CONTEXT_LENGTH: '{context_tokens}',
      OLLAMA_NOPRUNE: '1', // its store may be read-only
      OLLAMA_NO_CLOUD: '1',
    },
    stopSignal: 'SIGTERM',
  },
  flags: { form: 'joined', allowed: {} }, // all of it is environment
  container: {
    entrypoint: ['ollama'],
    environment: {
      HOME: '/tmp', // it writes a key there
      OLLAMA_MODELS: '/models', // the image brings its store there, readable for everybody
    },
    tmpfs: [{ target: '/tmp', sizeBytes: 256 * MEBIBYTE, exec: false }],
    memoryBytes: 16 * GIBIBYTE,
    sharedMemoryBytes: 64 * MEBIBYTE,
    pids: 1024,
    gpu: 'optional',
  },
  listen: 'tcp',
  socketSuffix: null,
  readiness: {
    path: '/api/version',
    ready: [200],
    loading: [503],
    needsWarmUp: true, // it answers at once and loads the model with the first request
    probeEveryMs: 500,
    deadlineMs: 600_000,
  },
  paths: {
    models: '/v1/models',
    version: '/api/version',
    metrics: null,
    inference: openAiInference,
  },
  versionField: 'version',
  canary: openAiCanary,
  metrics: { running: null, waiting: null, kvUse: null, tokensOut: null },
  errorShapes: ['nested', 'text'],
  knownErrors: [
    {
      contains: 'try pulling it first',
      meaning: 'model-unknown',
      retryable: false,
      advice: 'Pull the model with Ollama yourself; the node never downloads into its store.',
    },
    {
      contains: 'server busy, please try again',
      meaning: 'busy',
      retryable: true,
      advice: 'Lower the number of concurrent jobs: its queue is full.',
    },
    {
      contains: 'model requires more system memory',
      meaning: 'out-of-memory',
      retryable: false,
      advice: 'Serve a smaller model: this one does not fit the memory.',
    },
    {
      contains: 'llama runner process has terminated',
      meaning: 'engine-dead',
      retryable: true,
      advice: 'Look at the Ollama log for the cause; often the memory was not enough.',
    },
    {
      contains: 'address already in use',
      meaning: 'configuration',
      retryable: true,
      advice: 'Stop the other Ollama, or join it as an external engine.',
    },
  ],
};
