// A job desk whose jobs do what a test says, when it says so.
import { NodeError } from '../../../src/errors.js';
import type {
  JobDesk,
  JobEnd,
  JobEvent,
  JobHandle,
  JobOrder,
  JobView,
  ServedModel,
} from '../../../src/network/desk/job-desk.js';

/** What the real desk throws, known to the API by its code alone. */
export class DeskRefusal extends NodeError {
  readonly retryable = false;
  constructor(readonly code: string) {
    super(`refused: ${code}`);
  }
}

export class ScriptedJob implements JobHandle {
  readonly cancelled: string[] = [];
  readonly #queue: JobEvent[] = [];
  /** Events the API has not taken yet. */
  get untaken(): number {
    return this.#queue.length;
  }
  view: JobView;
  #wake: () => void = () => {};
  #onCancel: () => void = () => {};
  readonly whenCancelled = new Promise<void>((resolve) => {
    this.#onCancel = resolve;
  });

  constructor(
    readonly job: string,
    readonly order: JobOrder,
  ) {
    this.view = {
      job,
      status: 'queued',
      created_ms: 1_700_000_000_000,
      finished_ms: null,
      endpoint: order.request.endpoint,
      model: order.request.body.model,
      attempts: 0,
      end: null,
    };
  }

  say(...events: JobEvent[]): void {
    this.#queue.push(...events);
    for (const event of events) {
      if (event.type === 'completed') this.#over('completed', event);
      if (event.type === 'failed') {
        this.#over(event.refusal.code === 'cancelled' ? 'cancelled' : 'failed', event);
      }
    }
    this.#wake();
  }

  chunk(...chunks: unknown[]): void {
    this.say(...chunks.map((chunk) => ({ type: 'chunk' as const, data: JSON.stringify(chunk) })));
  }

  complete(output: unknown = null, usage = { prompt_tokens: 3, completion_tokens: 2 }): void {
    this.say({
      type: 'completed',
      output: output === null || typeof output === 'string' ? output : JSON.stringify(output),
      usage,
      receiptDigest: `sha256:${'7'.repeat(64)}`,
    });
  }

  fail(code: string, param: string | null = null): void {
    this.say({ type: 'failed', refusal: { code, outcome: null, param } });
  }

  cancel(reason: string): void {
    this.cancelled.push(reason);
    this.#onCancel();
    if (this.view.end === null) this.fail('cancelled');
  }

  readonly events: AsyncIterable<JobEvent> = this.#events();

  async *#events(): AsyncGenerator<JobEvent> {
    for (;;) {
      const event = this.#queue.shift();
      if (event === undefined) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      yield event;
      if (event.type === 'completed' || event.type === 'failed') return;
    }
  }

  #over(status: JobView['status'], end: JobEnd): void {
    this.view = { ...this.view, status, end, attempts: 1, finished_ms: 1_700_000_005_000 };
  }
}

export type Script = (job: ScriptedJob) => void;

export class ScriptedDesk implements JobDesk {
  readonly jobs: ScriptedJob[] = [];
  script: Script = () => {};
  served: ServedModel[] = [
    {
      id: 'tiny',
      created_ms: 1_700_000_000_000,
      tasks: ['chat', 'completion'],
      context_tokens: 4096,
      nodes: 2,
    },
    {
      id: 'org/embed:v1',
      created_ms: 1_700_000_000_000,
      tasks: ['embedding'],
      context_tokens: 512,
      nodes: 0,
    },
  ];

  async submit(order: JobOrder): Promise<JobHandle> {
    if (!this.served.some(({ id }) => id === order.request.body.model))
      throw new DeskRefusal('UNKNOWN_MODEL');
    const job = new ScriptedJob(`01HF7YAT00${String(this.jobs.length).padStart(16, '0')}`, order);
    this.jobs.push(job);
    this.script(job);
    return job;
  }

  find(job: string, namespace: string): JobView | undefined {
    return this.jobs.find((one) => one.job === job && one.order.namespace === namespace)?.view;
  }

  cancel(job: string, namespace: string): boolean {
    const found = this.jobs.find((one) => one.job === job && one.order.namespace === namespace);
    if (found === undefined || found.view.end !== null) return false;
    found.cancel('client_cancelled');
    return true;
  }

  models(): readonly ServedModel[] {
    return this.served;
  }

  get last(): ScriptedJob {
    const job = this.jobs.at(-1);
    if (job === undefined) throw new Error('no job was submitted');
    return job;
  }
}
