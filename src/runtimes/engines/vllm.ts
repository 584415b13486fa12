// vLLM, the reference engine: one model per process, a Unix socket of its own. Flags as of vLLM 0.32.
import { openAiCanary, openAiInference } from './canaries.js';
import { GIBIBYTE } from './container-definition.js';
import type { EngineDefinition } from './engine-definition.js';
import { vllmFlags } from './vllm-flags.js';

export const vllm: EngineDefinition = {
  key: 'vllm',
  title: 'vLLM',
  tasks: ['chat', 'completion', 'embedding'],
  maxModels: 1,
  weights: { from: 'directory' },
  process: {
    program: { from: 'path', name: 'vllm' },
    arguments: [
      'serve',
      '{model_path}',
      '--uds={socket}', // bind() on an existing file fails: a stale socket has to be removed first
      '--served-model-name={model_id}',
      '--max-model-len={context_tokens}',
      '--max-num-seqs={max_concurrent}',
      '--seed=0',
      '--generation-config=vllm', // otherwise the model repository's file sets sampling defaults
      '--enable-force-include-usage',
      '--disable-access-log-for-endpoints=/health,/metrics',
      '--disable-fastapi-docs',
      '--shutdown-timeout=0', // the node drains before it stops the engine
    ],
    environment: {
      HF_HUB_OFFLINE: '1',
      TRANSFORMERS_OFFLINE: '1',
      VLLM_NO_USAGE_STATS: '1',
      DO_NOT_TRACK: '1',
      VLLM_HOST_IP: '127.0.0.1',
      NCCL_SOCKET_IFNAME: 'lo',
      GLOO_SOCKET_IFNAME: 'lo',
      VLLM_MAX_N_SEQUENCES: '8', // its default lets one request ask for 16384 outputs
    },
    stopSignal: 'SIGTERM',
  },
  flags: vllmFlags,
  container: {
    entrypoint: ['vllm'],
    environment: {
      HOME: '/tmp', // nothing else can be written
      XDG_CACHE_HOME: '/tmp/cache',
      XDG_CONFIG_HOME: '/tmp/config',
      VLLM_CACHE_ROOT: '/tmp/cache/vllm',
      TRITON_CACHE_DIR: '/tmp/cache/triton',
      TORCHINDUCTOR_CACHE_DIR: '/tmp/cache/inductor', // its default asks for the user's name, who may have none
    },
    tmpfs: [{ target: '/tmp', sizeBytes: 4 * GIBIBYTE, exec: true }], // compiled kernels are mapped from there
    memoryBytes: 32 * GIBIBYTE,
    sharedMemoryBytes: 10 * GIBIBYTE, // tensor parallelism fails on little of it; one GPU uses hardly any
    pids: 4096,
    gpu: 'required',
  },
  listen: 'unix',
  socketSuffix: null,
  readiness: {
    path: '/health',
    ready: [200],
    loading: [], // it refuses connections until it is ready; 503 means that its core is dead
    needsWarmUp: false,
    probeEveryMs: 500,
    deadlineMs: 1_200_000, // compiling a large model was seen to take many minutes
  },
  paths: {
    models: '/v1/models',
    version: '/version',
    metrics: '/metrics',
    inference: openAiInference,
  },
  versionField: 'version',
  canary: openAiCanary,
  metrics: {
    running: 'vllm:num_requests_running',
    waiting: 'vllm:num_requests_waiting',
    kvUse: 'vllm:kv_cache_usage_perc',
    tokensOut: 'vllm:generation_tokens_total',
  },
  errorShapes: ['nested', 'flat'],
  knownErrors: [
    {
      contains: 'is less than desired GPU memory utilization',
      meaning: 'memory-held',
      retryable: true,
      advice: 'Close the other programs that use this GPU; the node tries again by itself.',
    },
    {
      contains: 'No available memory for the cache blocks',
      meaning: 'out-of-memory',
      retryable: false,
      advice: 'Serve a smaller model, or a quantised one: this one leaves no memory for its cache.',
    },
    {
      contains: 'larger than the maximum number of tokens that can be stored in KV cache',
      meaning: 'out-of-memory',
      retryable: false,
      advice: 'Offer a shorter context for this model: its cache does not fit the GPU.',
    },
    {
      contains: 'larger than the available KV cache memory',
      meaning: 'out-of-memory',
      retryable: false,
      advice: 'Offer a shorter context for this model: its cache does not fit the GPU.',
    },
    {
      contains: 'CUDA out of memory',
      meaning: 'out-of-memory',
      retryable: true,
      advice: 'Lower the number of concurrent jobs or the context length.',
    },
    {
      contains: 'Failed to initialize NVML',
      meaning: 'device-lost',
      retryable: true,
      advice: 'Update the NVIDIA container toolkit to 1.18 or newer and start the node again.',
    },
    {
      contains: 'Failed to infer device type',
      meaning: 'configuration',
      retryable: false,
      advice: 'Install the vLLM build that matches this machine (CUDA, ROCm or CPU).',
    },
    {
      contains: 'error: unrecognized arguments',
      meaning: 'configuration',
      retryable: false,
      advice: 'Install the vLLM version the configuration asks for: this one does not know a flag.',
    },
    {
      contains: 'EngineDeadError',
      meaning: 'engine-dead',
      retryable: true,
      advice: 'The engine is replaced; look at the first traceback in its log for the cause.',
    },
    {
      contains: 'Engine core initialization failed',
      meaning: 'engine-dead',
      retryable: true,
      advice: 'Look at the first traceback in the engine log: the last line does not name the cause.',
    },
    {
      contains: "This model's maximum context length is",
      meaning: 'context-exceeded',
      retryable: false,
      advice: 'Shorten the prompt or ask for fewer tokens.',
    },
    {
      contains: 'Invalid repository ID or local directory specified',
      meaning: 'model-files',
      retryable: false,
      advice: 'Check that the model directory exists and holds a config.json.',
    },
  ],
};
