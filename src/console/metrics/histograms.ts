// How long jobs take, in vLLM's own buckets, so that a node can be laid beside its engine.
import { Histogram, type Registry } from 'prom-client';
import type { WorkNews } from './scrape.js';

/** Source: vLLM, `vllm/v1/metrics/loggers.py`: time_to_first_token_seconds. */
const FIRST_TOKEN_BUCKETS = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640,
  2560,
];
/** The same file: request_latency_buckets. */
const DURATION_BUCKETS = [
  0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680,
];
/** The same file: time_per_output_token_seconds. */
const PER_TOKEN_BUCKETS = [
  0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80,
];

/** @returns follows the work of one network; called with its label at each observation */
export const registerHistograms = (registry: Registry): ((work: WorkNews, network: () => string) => void) => {
  const inSeconds = (name: string, help: string, buckets: readonly number[]) =>
    new Histogram({ name, help, labelNames: ['network'], buckets: [...buckets], registers: [registry] });
  const firstToken = inSeconds(
    'resultity_node_first_token_seconds',
    'From the offer of a job to its first token, of streams.',
    FIRST_TOKEN_BUCKETS,
  );
  const duration = inSeconds(
    'resultity_node_job_duration_seconds',
    'From the offer of a job to the end of its execution, of completed ones.',
    DURATION_BUCKETS,
  );
  const queue = inSeconds(
    'resultity_node_job_queue_seconds',
    'From the offer of a job to its start in the engine, of completed ones.',
    DURATION_BUCKETS,
  );
  const perToken = inSeconds(
    'resultity_node_output_token_seconds',
    'Time per output token after the first, of completed streams.',
    PER_TOKEN_BUCKETS,
  );
  return (work, network) => {
    work.follow({
      firstToken: (ms) => firstToken.observe({ network: network() }, ms / 1_000),
      ended: (job) => {
        if (job.outcome !== 'completed') return;
        const labels = { network: network() };
        duration.observe(labels, job.total_ms / 1_000);
        queue.observe(labels, job.queue_ms / 1_000);
        if (job.isStream && job.completion_tokens > 1)
          perToken.observe(labels, (job.total_ms - job.first_token_ms) / 1_000 / (job.completion_tokens - 1));
      },
    });
  };
};
