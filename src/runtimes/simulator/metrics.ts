// What /metrics tells: vLLM's names, counted from what the simulator has really done.
export interface EngineGauges {
  readonly running: number;
  readonly waiting: number;
  /** Share of the pretended KV cache in use, 0..1. */
  readonly cacheUse: number;
}

export type FinishReason = 'stop' | 'length' | 'abort' | 'error';

/** Upper bounds in seconds, shaped after vLLM's: fine where tokens are, coarse where requests are. */
const TOKEN_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const REQUEST_SECONDS = [
  0.001, 0.01, 0.05, 0.1, 0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 60, 120, 240, 480,
];

class Histogram {
  private readonly counts: number[];
  private sum = 0;
  private count = 0;

  constructor(private readonly bounds: readonly number[]) {
    this.counts = bounds.map(() => 0);
  }

  observe(value: number): void {
    this.sum += value;
    this.count += 1;
    for (let index = 0; index < this.bounds.length; index += 1) {
      if (value <= (this.bounds[index] ?? 0)) {
        this.counts[index] = (this.counts[index] ?? 0) + 1;
        return;
      }
    }
  }

  lines(name: string, help: string, labels: string): string[] {
    let cumulative = 0;
    const buckets = this.bounds.map((bound, index) => {
      cumulative += this.counts[index] ?? 0;
      return `${name}_bucket{${labels},le="${bound}"} ${cumulative}`;
    });
    return [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} histogram`,
      ...buckets,
      `${name}_bucket{${labels},le="+Inf"} ${this.count}`,
      `${name}_sum{${labels}} ${this.sum}`,
      `${name}_count{${labels}} ${this.count}`,
    ];
  }
}

const escapeLabel = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

export class Metrics {
  private promptTokens = 0;
  private generationTokens = 0;
  private readonly finished: Record<FinishReason, number> = { stop: 0, length: 0, abort: 0, error: 0 };
  private readonly timeToFirstToken = new Histogram(REQUEST_SECONDS);
  private readonly interToken = new Histogram(TOKEN_SECONDS);
  private readonly endToEnd = new Histogram(REQUEST_SECONDS);
  private readonly queue = new Histogram(REQUEST_SECONDS);
  private readonly prefill = new Histogram(REQUEST_SECONDS);
  private readonly decode = new Histogram(REQUEST_SECONDS);
  private readonly labels: string;

  constructor(modelName: string) {
    this.labels = `engine="0",model_name="${escapeLabel(modelName)}"`;
  }

  admitted(promptTokens: number, queuedSeconds: number): void {
    this.promptTokens += promptTokens;
    this.queue.observe(queuedSeconds);
  }

  firstToken(sinceArrivalSeconds: number, sinceStartSeconds: number): void {
    this.generationTokens += 1;
    this.timeToFirstToken.observe(sinceArrivalSeconds);
    this.prefill.observe(sinceStartSeconds);
  }

  nextToken(sinceLastSeconds: number): void {
    this.generationTokens += 1;
    this.interToken.observe(sinceLastSeconds);
  }

  ended(reason: FinishReason, sinceArrivalSeconds: number, decodeSeconds: number): void {
    this.finished[reason] += 1;
    if (reason !== 'stop' && reason !== 'length') return;
    this.endToEnd.observe(sinceArrivalSeconds);
    this.decode.observe(decodeSeconds);
  }

  /** Prometheus text format 0.0.4. */
  render(gauges: EngineGauges): string {
    const one = (name: string, type: 'gauge' | 'counter', help: string, value: number): string[] => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} ${type}`,
      `${name}{${this.labels}} ${value}`,
    ];
    const lines = [
      ...one('vllm:num_requests_running', 'gauge', 'Number of requests in model execution.', gauges.running),
      ...one('vllm:num_requests_waiting', 'gauge', 'Number of requests waiting.', gauges.waiting),
      ...one('vllm:kv_cache_usage_perc', 'gauge', 'KV-cache usage, 1 is all of it.', gauges.cacheUse),
      ...one('vllm:prompt_tokens_total', 'counter', 'Prompt tokens processed.', this.promptTokens),
      ...one('vllm:generation_tokens_total', 'counter', 'Tokens generated.', this.generationTokens),
      ...one('vllm:num_preemptions_total', 'counter', 'Preemptions; the simulator has none.', 0),
      ...one(
        'vllm:corrupted_requests_total',
        'counter',
        'Requests with NaN logits; the simulator has none.',
        0,
      ),
      '# HELP vllm:request_success_total Requests that ended, by reason.',
      '# TYPE vllm:request_success_total counter',
      ...Object.entries(this.finished).map(
        ([reason, count]) =>
          `vllm:request_success_total{${this.labels},finished_reason="${reason}"} ${count}`,
      ),
      ...this.timeToFirstToken.lines(
        'vllm:time_to_first_token_seconds',
        'Arrival to first token.',
        this.labels,
      ),
      ...this.interToken.lines('vllm:inter_token_latency_seconds', 'Token to token.', this.labels),
      ...this.endToEnd.lines('vllm:e2e_request_latency_seconds', 'Arrival to end.', this.labels),
      ...this.queue.lines('vllm:request_queue_time_seconds', 'Time spent waiting.', this.labels),
      ...this.prefill.lines('vllm:request_prefill_time_seconds', 'Start to first token.', this.labels),
      ...this.decode.lines('vllm:request_decode_time_seconds', 'First to last token.', this.labels),
    ];
    return `${lines.join('\n')}\n`;
  }
}
