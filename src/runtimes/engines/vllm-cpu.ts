// vLLM built for processors without a GPU: slow, and the whole path of the real engine.
import { GIBIBYTE, MEBIBYTE } from './container-definition.js';
import type { EngineDefinition } from './engine-definition.js';
import { vllm } from './vllm.js';
import { vllmCpuFlags } from './vllm-flags.js';

export const vllmCpu: EngineDefinition = {
  ...vllm,
  key: 'vllm-cpu',
  title: 'vLLM for CPUs',
  process: {
    ...vllm.process,
    environment: {
      ...vllm.process.environment,
      TORCHDYNAMO_DISABLE: '1', // without a compiler in reach, one request with logprobs ends the engine
      VLLM_CPU_OMP_THREADS_BIND: 'nobind', // binding wants capabilities a sealed container has not
      VLLM_CPU_KVCACHE_SPACE: '1', // GiB
    },
  },
  flags: vllmCpuFlags,
  container: {
    ...vllm.container,
    tmpfs: [{ target: '/tmp', sizeBytes: 512 * MEBIBYTE, exec: true }],
    memoryBytes: 8 * GIBIBYTE, // a small model took 4.9 GB
    sharedMemoryBytes: 256 * MEBIBYTE,
    gpu: 'none',
  },
};
