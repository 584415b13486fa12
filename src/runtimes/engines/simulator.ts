// The simulator that comes with the node: vLLM's face, made-up text, no weights. For trials, tests and benchmarks.

import { openAiCanary } from './canaries.js';
import { MEBIBYTE } from './container-definition.js';
import type { EngineDefinition } from './engine-definition.js';
import { vllm } from './vllm.js';

export const simulator: EngineDefinition = {
  key: 'simulator',
  title: 'Resultity engine simulator',
  tasks: ['chat', 'completion', 'embedding'],
  maxModels: 64,
  weights: { from: 'nothing' },
  process: {
    program: { from: 'node' },
    arguments: [
      'simulate-engine',
      '--uds={socket}',
      '--max-model-len={context_tokens}',
      '--max-num-seqs={max_concurrent}',
      '--seed=0',
      '--enable-force-include-usage',
      { ifModelPath: ['--model={model_path}'] },
      '--served-model-name',
      { forEachModel: ['{model_id}:{model_task}'] },
    ],
    environment: {},
    stopSignal: 'SIGTERM',
  },
  flags: {
    form: 'joined',
    allowed: {
      'tokens-per-second': '[0-9]{1,5}',
      'time-to-first-token-ms': '[0-9]{1,5}',
      'load-seconds': '[0-9]{1,3}',
      'max-logprobs': '[0-9]{1,4}',
      'embedding-dimensions': '[1-9][0-9]{0,4}',
      fault: '[a-z0-9][a-z0-9@-]{0,63}',
    },
  },
  container: {
    entrypoint: ['resultity-node'],
    environment: { HOME: '/tmp' },
    tmpfs: [{ target: '/tmp', sizeBytes: 16 * MEBIBYTE, exec: false }],
    memoryBytes: 512 * MEBIBYTE,
    sharedMemoryBytes: 16 * MEBIBYTE,
    pids: 256,
    gpu: 'none',
  },
  listen: 'unix',
  socketSuffix: null,
  readiness: { ...vllm.readiness, probeEveryMs: 50, deadlineMs: 30_000 },
  paths: vllm.paths,
  versionField: 'version',
  canary: openAiCanary,
  metrics: vllm.metrics,
  errorShapes: ['nested'],
  knownErrors: [
    {
      contains: 'error: unknown option',
      meaning: 'configuration',
      retryable: false,
      advice: 'Use an image of the version that the configuration was made for.',
    },
    {
      contains: 'SIMULATOR_OPTIONS_INVALID',
      meaning: 'configuration',
      retryable: false,
      advice: 'Correct the flags of the simulator in the configuration.',
    },
    {
      contains: "This model's maximum context length is",
      meaning: 'context-exceeded',
      retryable: false,
      advice: 'Shorten the prompt or ask for fewer tokens.',
    },
    {
      contains: 'EngineDeadError',
      meaning: 'engine-dead',
      retryable: true,
      advice: 'A simulated failure: the engine is replaced.',
    },
  ],
};
