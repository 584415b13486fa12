// Reads the four numbers of load from Prometheus text, leniently: engines rename and drop metrics between
// versions, so what is missing or not a number is unknown (null), never zero.
import type { EngineLoad } from './engine-client.js';

/** For each number its name, or the names it has had (the first one present counts), or null: never told. */
export type EngineMetricNames = { readonly [Key in keyof EngineLoad]: string | readonly string[] | null };

/** Source: vLLM's metrics documentation, v0.32 and, second, before v0.9. */
export const VLLM_METRIC_NAMES: EngineMetricNames = {
  running: ['vllm:num_requests_running'],
  waiting: ['vllm:num_requests_waiting'],
  kvUse: ['vllm:kv_cache_usage_perc', 'vllm:gpu_cache_usage_perc'],
  tokensOut: ['vllm:generation_tokens_total'],
};

/** `name{label="…"} value [timestamp]`; label values may hold anything but an unescaped quote. */
const SAMPLE = /^([A-Za-z_:][\w:]*)(?:\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\})?[ \t]+(\S+)/;
const MAX_LINE_CHARS = 4096;

/** Counts are summed over label sets (one per model or engine core); a share is the largest one. */
export const readEngineLoad = (text: string, names: EngineMetricNames): EngineLoad => {
  const wanted = new Map<string, number[]>();
  for (const one of Object.values(names)) for (const name of namesOf(one)) wanted.set(name, []);
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#') || line.length > MAX_LINE_CHARS) continue;
    const [, name = '', value = ''] = SAMPLE.exec(line) ?? [];
    wanted.get(name)?.push(Number(value));
  }
  const valuesOf = (one: string | readonly string[] | null): readonly number[] =>
    namesOf(one)
      .map((name) => wanted.get(name) ?? [])
      .find((values) => values.length > 0) ?? [];
  return {
    running: total(valuesOf(names.running)),
    waiting: total(valuesOf(names.waiting)),
    kvUse: share(valuesOf(names.kvUse)),
    tokensOut: total(valuesOf(names.tokensOut)),
  };
};

const namesOf = (one: string | readonly string[] | null): readonly string[] =>
  one === null ? [] : typeof one === 'string' ? [one] : one;

const total = (values: readonly number[]): number | null =>
  known(values.length === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0));

const share = (values: readonly number[]): number | null => {
  const most = known(Math.max(...values));
  return most !== null && most > 1 ? null : most;
};

const known = (value: number): number | null => (Number.isFinite(value) && value >= 0 ? value : null);
