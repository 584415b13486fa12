// A node of a small network with jobs that take seconds, and what its owner and its clients see of them.
import { expect } from 'vitest';
import { pollJob, submitJob } from '../../e2e/polling.js';
import { until } from '../../e2e/processes.js';
import { startWholeSystem, type WholeSystem } from '../../e2e/whole-system.js';

/** Slow enough for a job of this many tokens to be in hand when the disk fills up. */
export const TOKENS_PER_SECOND = 10;

/** The requirement: how long a node may take to serve again once its disk is well. */
export const BACK_WITHIN_MS = 10_000;

export class NodeUnderLoad {
  readonly system: WholeSystem;
  readonly #jobs: string[] = [];

  private constructor(system: WholeSystem) {
    this.system = system;
  }

  static async start(before?: (directory: string) => void): Promise<NodeUnderLoad> {
    const options = { tokensPerSecond: TOKENS_PER_SECOND, slots: 4 };
    return new NodeUnderLoad(await startWholeSystem(before === undefined ? options : { ...options, before }));
  }

  async submit(seconds: number): Promise<string> {
    const { network, apiKey } = this.system;
    const job = await submitJob(network, apiKey, `job ${this.#jobs.length}`, seconds * TOKENS_PER_SECOND);
    this.#jobs.push(job);
    return job;
  }

  status() {
    return this.system.node.control.status();
  }

  async untilRunning(jobs: number): Promise<void> {
    await until(
      `${jobs} jobs run`,
      () => this.status(),
      (status) => status.jobs.running >= jobs,
    );
  }

  async untilCompleted(job: string, limitMs = 30_000): Promise<void> {
    const { network, apiKey } = this.system;
    await until(
      `job ${job} is completed`,
      () => pollJob(network, apiKey, job),
      ({ status }) => status === 'completed',
      limitMs,
    );
  }

  /** Accepted by the node, or even done. */
  async untilTaken(job: string, limitMs: number): Promise<void> {
    const { network, apiKey } = this.system;
    await until(
      `job ${job} is taken`,
      () => pollJob(network, apiKey, job),
      ({ status }) => status === 'running' || status === 'completed',
      limitMs,
    );
  }

  /** What the node said when it declined a job. */
  async untilDeclined(job: string): Promise<string> {
    const line = (): { code?: string } | undefined =>
      this.#lines().find((one) => one.event === 'job.declined' && one.job === job);
    const found = await until(
      `job ${job} is declined`,
      async () => line(),
      (one) => one !== undefined,
    );
    return found?.code ?? '';
  }

  /** Every job has been settled once, and nobody was killed on the way. */
  async expectNothingLost(): Promise<void> {
    const { network, node } = this.system;
    for (const job of this.#jobs) await this.untilCompleted(job);
    const { entries } = await network.admin.call('ledger', { limit: 10_000 });
    for (const job of this.#jobs) {
      expect(entries.filter((entry) => entry.job === job && entry.kind === 'settle')).toHaveLength(1);
    }
    await until(
      'the outbox is empty',
      () => this.status(),
      ({ jobs }) => jobs.outbox === 0,
    );
    const receipts = (await node.control.jobs(1_000)).flatMap(({ receiptSeq }) => receiptSeq ?? []);
    expect(new Set(receipts).size).toBe(receipts.length);
  }

  #lines(): readonly { event?: string; job?: string; code?: string }[] {
    const { stdout, stderr } = this.system.node.output;
    return `${stdout}\n${stderr}`
      .split('\n')
      .filter((text) => text.startsWith('{') && text.endsWith('}'))
      .map((text) => JSON.parse(text) as { event?: string; job?: string; code?: string });
  }
}
