// Injects blind jobs at random times, compares their answers with what was agreed, and records who differs. On the
// wire and in the queue they are jobs like any other; nobody is billed for them.
import type { Logger } from 'pino';
import { z } from 'zod';
import { digestOf } from '../../protocol/digest.js';
import { requestedTokens } from '../../protocol/openai/request.js';
import { address, digest, millis, ulid } from '../../protocol/primitives.js';
import type { JobOrder } from '../desk/job-desk.js';
import type { JobRunner } from '../jobs/job-runner.js';
import type { LiveJob } from '../jobs/live-job.js';
import type { ConfigPublisher } from '../publishing/config-publisher.js';
import type { Clock, Timers } from '../scheduler/timing.js';
import type { NetworkStore } from '../store/store.js';
import { answerDigest } from './blind-answer.js';
import { blindReference, compareAnswer, EMPTY_REFERENCE } from './blind-reference.js';
import { blindOrder, type Manner } from './blind-request.js';

/** A node answered otherwise than was agreed. */
const blindFinding = z.object({ at_ms: millis, node: address, job: ulid, reference: digest, answer: digest });
export type BlindFinding = z.infer<typeof blindFinding>;

export interface BlindJobs {
  /** A paid order was admitted: blind ones will look like it. */
  observe(order: JobOrder): void;
  /** Injects one now. @returns its job, once it is over and compared; undefined when no model is served */
  inject(): Promise<string | undefined>;
  /** The newest first. */
  findings(limit: number): readonly BlindFinding[];
  /** No more injections. Resolves when those under way are over, which takes a closed runner. */
  close(): Promise<void>;
}

export interface BlindJobsDeps {
  readonly runner: JobRunner;
  readonly store: NetworkStore;
  readonly publisher: ConfigPublisher;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly rng: () => number;
  readonly logger: Logger;
  /** Mean time between injections; null: none. */
  readonly everyMs: number | null;
}

/** Not a namespace a client can have. */
const NAMESPACE = '';
const MANNERS = 64;
/** Findings of the last day count together, whatever good results came between them. */
const MEMORY_MS = 24 * 3_600_000;
/** What an owner may be told: nothing that points at a job. */
const STRIKE_CODE = 'quality';

export const createBlindJobs = (deps: BlindJobsDeps): BlindJobs => {
  const { runner, store, publisher, clock, timers, rng, logger, everyMs } = deps;
  const references = store.table('blind_references', blindReference);
  const findings = store.table('blind_findings', blindFinding);
  const manners: Manner[] = [];
  const running = new Set<Promise<unknown>>();
  let cancelTimer = (): void => {};

  const recentFindings = (node: string): number => {
    const prefix = `${node.toLowerCase()} `;
    const ofNode = [...findings.range({ start: prefix, end: `${prefix}~` })];
    return ofNode.filter(({ value }) => value.at_ms > clock.nowMs() - MEMORY_MS).length;
  };

  const compare = async (live: LiveJob, answer: string): Promise<void> => {
    const attempt = live.record.attempts.at(-1);
    if (attempt === undefined) return;
    const { model, endpoint, mode, job } = live.record;
    // Left out of the key: how an answer travels, and a seed at temperature 0, must not change its words.
    const { stream: _stream, seed: _seed, ...asked } = live.request;
    const reference = digestOf(JSON.stringify([attempt.model_digest, endpoint, asked]));
    const mismatched = await store.transaction(() => {
      const compared = compareAnswer(references.get(reference) ?? EMPTY_REFERENCE, attempt.node, answer);
      references.put(reference, compared.reference);
      for (const node of compared.mismatched) {
        findings.put(`${node.toLowerCase()} ${job}`, { at_ms: clock.nowMs(), node, job, reference, answer });
      }
      return compared.mismatched;
    });
    logger.info({ event: 'blind.compared', job, model, mode, mismatched });
    for (const node of mismatched) runner.strikes.strike(node, STRIKE_CODE, recentFindings(node));
  };

  const inject = async (): Promise<string | undefined> => {
    const served = publisher
      .current()
      ?.snapshot.models.filter(({ id, enabled }) => enabled && runner.servers(id) > 0);
    const model = served?.[Math.floor(rng() * served.length)];
    const order = model === undefined ? undefined : blindOrder(model, manners, rng);
    if (order === undefined) return undefined;
    const live = await runner.submit({
      ...order,
      kind: 'blind',
      namespace: NAMESPACE,
      maxOutputTokens: requestedTokens(order.request) ?? 0,
      reservation: 0n,
    });
    const parts: string[] = [];
    for await (const event of live.channel) {
      if (event.type === 'chunk') parts.push(event.data);
      if (event.type === 'completed' && event.output !== null) parts.push(event.output);
      if (event.type === 'failed') return live.record.job;
    }
    const answer = answerDigest(parts);
    if (answer !== undefined) await compare(live, answer);
    return live.record.job;
  };

  /** Exponential intervals: the time since the last one tells nothing of the next. */
  const schedule = (): void => {
    if (everyMs === null) return;
    cancelTimer = timers.set(Math.max(1, -Math.log(1 - rng()) * everyMs), () => {
      schedule();
      const injected = inject().catch((err: unknown) => logger.error({ event: 'blind.failed', err }));
      running.add(injected);
      void injected.then(() => running.delete(injected));
    });
  };
  schedule();

  return {
    observe: ({ mode, priority, ttlMs, request }) => {
      manners.push({ mode, priority, ttlMs, maxTokens: requestedTokens(request) });
      if (manners.length > MANNERS) manners.shift();
    },
    inject,
    findings: (limit) =>
      [...findings.range()]
        .map(({ value }) => value)
        .sort((one, other) => other.at_ms - one.at_ms)
        .slice(0, limit),
    close: async () => {
      cancelTimer();
      await Promise.all(running);
    },
  };
};
