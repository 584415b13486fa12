// Flags of vLLM the network may set: how it uses memory, processors and kernels, and how it reads what the model writes.
// Left out for good: trust-remote-code and every plugin (code from outside), paths, addresses, logging, JSON
// that reaches into other settings, and whatever the node itself sets.
import type { EngineDefinition } from './engine-definition.js';

const COUNT = '[1-9][0-9]{0,7}';
const FRACTION = '0\\.[0-9]{1,4}|1(?:\\.0)?';
/** Of an entry in one of vLLM's own tables, which grow with every version; an unknown one ends the start. */
const NAME = '[A-Za-z0-9][A-Za-z0-9_.-]{0,63}';
const BARE = '';

/** Right on every kind of processor. */
const common = {
  dtype: 'auto|half|float16|bfloat16|float|float32',
  quantization: NAME,
  'kv-cache-dtype': NAME,
  'load-format': 'auto|safetensors|mistral', // others may unpickle, or make weights up
  'tokenizer-mode': NAME,
  runner: 'auto|generate|pooling',
  'max-num-batched-tokens': COUNT,
  'max-logprobs': COUNT,
  'block-size': COUNT,
  'attention-backend': NAME,
  'reasoning-parser': NAME,
  'tool-call-parser': NAME,
  'enable-auto-tool-choice': BARE,
  'enable-prefix-caching': BARE,
  'no-enable-prefix-caching': BARE,
  'enable-chunked-prefill': BARE,
  'no-enable-chunked-prefill': BARE,
  'async-scheduling': BARE,
  'no-async-scheduling': BARE,
  'enforce-eager': BARE,
};

export const vllmCpuFlags: EngineDefinition['flags'] = { form: 'joined', allowed: common };

export const vllmFlags: EngineDefinition['flags'] = {
  form: 'joined',
  allowed: {
    ...common,
    'gpu-memory-utilization': FRACTION,
    'kv-cache-memory-bytes': '[1-9][0-9]{0,14}',
    'cpu-offload-gb': '[1-9][0-9]{0,3}',
    'tensor-parallel-size': '[1-9][0-9]?',
    'pipeline-parallel-size': '[1-9][0-9]?',
    'distributed-executor-backend': 'mp|uni', // ray would need a network
    'enable-expert-parallel': BARE,
    'disable-custom-all-reduce': BARE,
    'optimization-level': '[0-3]',
  },
};
