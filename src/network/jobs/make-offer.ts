// One offer: chosen node, next attempt, on disk first, then on the wire.
import { randomBytes } from 'node:crypto';
import type { ModelEntry } from '../../protocol/config-snapshot.js';
import { digestOf } from '../../protocol/digest.js';
import type { JobOffer } from '../../protocol/messages/jobs.js';
import type { CoreOptions } from '../desk/core-options.js';
import type { NodeGateway } from '../io/node-gateway.js';
import type { ConfigPublisher, PublishedConfig } from '../publishing/config-publisher.js';
import type { Deadlines } from '../scheduler/deadlines.js';
import type { Clock } from '../scheduler/timing.js';
import { HeldStream } from './held-stream.js';
import type { JobBook } from './job-book.js';
import { deadlineKey, type JobCourse } from './job-course.js';
import { attemptInForce, NOT_SENT, nextAttempt, offerAttempt } from './job-transitions.js';
import type { LiveJob } from './live-job.js';

export interface OfferDeps {
  readonly book: JobBook;
  readonly course: JobCourse;
  readonly gateway: NodeGateway;
  readonly publisher: ConfigPublisher;
  readonly deadlines: Deadlines;
  readonly clock: Clock;
  readonly options: CoreOptions;
  /** Silence allowed, ms, as it holds now. */
  readonly leaseMs: () => number;
}

export const findModel = (config: PublishedConfig | undefined, model: string): ModelEntry | undefined =>
  config?.snapshot.models.find(({ id, enabled }) => enabled && id === model);

/** Offers a queued job to a node the scheduler chose in this very turn. */
export const makeOffer = (deps: OfferDeps, live: LiveJob, node: string): void => {
  const { book, course, gateway, publisher, deadlines, clock, options } = deps;
  const config = publisher.current();
  const model = findModel(config, live.record.model);
  const ticket = gateway.takeOffer(node);
  if (config === undefined || model === undefined || ticket === undefined) {
    ticket?.release();
    live.avoid.set(node, clock.nowMs() + options.busyAvoidMs); // or the scheduler would choose the same again at once
    deadlines.set(deadlineKey('retry', live.record.job), clock.nowMs() + options.busyAvoidMs);
    course.enqueue(live);
    return;
  }
  const offer = offerOf(live, model, config, deps);
  const { job, attempt } = offer;
  const requestDigest = digestOf(JSON.stringify(offer)); // the bytes the codec makes of it
  live.held = live.record.mode === 'stream' ? new HeldStream(job, attempt, requestDigest) : undefined;
  live.lastSignMs = clock.nowMs();
  const facts = {
    attempt,
    node,
    config_digest: config.digest,
    model_digest: model.digest,
    request_digest: requestDigest,
    exec_timeout_ms: offer.exec_timeout_ms,
    offered_ms: clock.nowMs(),
  };
  book.change(live, offerAttempt(live.record, facts));
  void live.durable.then(() => {
    if (attemptInForce(live.record)?.attempt !== attempt) return ticket.release();
    if (ticket.send(offer)) {
      deadlines.set(deadlineKey('offer', job), clock.nowMs() + options.offerAnswerMs);
    } else {
      course.retry(live, { state: 'lost', code: NOT_SENT, avoidMs: options.busyAvoidMs });
    }
  });
};

const offerOf = (
  live: LiveJob,
  model: ModelEntry,
  config: PublishedConfig,
  { clock, leaseMs }: OfferDeps,
): JobOffer => {
  const { record, request } = live;
  const ttlLeftMs = Math.max(0, record.expires_ms - clock.nowMs());
  return {
    job: record.job,
    attempt: nextAttempt(record),
    endpoint: record.endpoint,
    mode: record.mode,
    model: { id: model.id, digest: model.digest },
    request,
    max_output_tokens: record.max_output_tokens,
    ttl_left_ms: ttlLeftMs,
    exec_timeout_ms: Math.min(config.snapshot.jobs.exec_timeout_ms, ttlLeftMs),
    lease_ms: leaseMs(),
    priority: record.priority,
    salt: `0x${randomBytes(32).toString('hex')}`,
  };
};
