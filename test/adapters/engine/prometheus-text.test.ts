import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readEngineLoad, VLLM_METRIC_NAMES } from '../../../src/adapters/engine/prometheus-text.js';

const read = (...lines: string[]) => readEngineLoad(lines.join('\n'), VLLM_METRIC_NAMES);

test("reads vLLM's text, summing counts and taking the fullest cache", () => {
  expect(
    read(
      '# HELP vllm:num_requests_running Number of requests in model execution batches.',
      '# TYPE vllm:num_requests_running gauge',
      'vllm:num_requests_running{engine="0",model_name="a \\"}{ b"} 3.0',
      'vllm:num_requests_running{engine="1",model_name="a"} 2.0 1700000000000',
      'vllm:num_requests_waiting{engine="0"} 0.0',
      'vllm:kv_cache_usage_perc{engine="0"} 0.25',
      'vllm:kv_cache_usage_perc{engine="1"} 0.5',
      'vllm:generation_tokens_total 1.234e+06',
    ),
  ).toEqual({ running: 5, waiting: 0, kvUse: 0.5, tokensOut: 1_234_000 });
});

test('what is missing, not a number, negative or impossible is unknown', () => {
  expect(
    read(
      'vllm:num_requests_running NaN',
      'vllm:num_requests_waiting -1',
      'vllm:kv_cache_usage_perc 7',
      'vllm:generation_tokens_total +Inf',
    ),
  ).toEqual({ running: null, waiting: null, kvUse: null, tokensOut: null });
  expect(read('vllm:num_requests_running_total 3')).toMatchObject({ running: null });
});

test('an old name counts while the new one is absent', () => {
  expect(read('vllm:gpu_cache_usage_perc 0.1').kvUse).toBe(0.1);
  expect(read('vllm:gpu_cache_usage_perc 0.1', 'vllm:kv_cache_usage_perc 0.2').kvUse).toBe(0.2);
});

test('other engines bring their own names or none', () => {
  const names = { running: 'llamacpp:requests_processing', waiting: null, kvUse: null, tokensOut: null };
  expect(readEngineLoad('llamacpp:requests_processing 4\n', names)).toEqual({
    running: 4,
    waiting: null,
    kvUse: null,
    tokensOut: null,
  });
});

test('reads any text without failing', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const values = Object.values(read(`vllm:num_requests_running${text}`, text));
      expect(values.every((value) => value === null || value >= 0)).toBe(true);
    }),
  );
});
