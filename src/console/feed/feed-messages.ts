// What the console's WebSocket says. The page says nothing: one that does is disconnected.
import { z } from 'zod';
import { nodeStatus } from '../node-view.js';
import { feedRecord, livingActor } from './feed-records.js';

/** One second of work. */
export const sample = z.object({
  atMs: z.number(),
  /** Output tokens per second. */
  tokensPerSecond: z.number(),
  /** Median of the streams that began in this second; null when none did. */
  firstTokenMs: z.number().nullable(),
  running: z.int(),
  queued: z.int(),
  outbox: z.int(),
  gpus: z.array(
    z.object({
      name: z.string(),
      usedBytes: z.number().nullable(),
      totalBytes: z.number().nullable(),
      /** 0 to 1. */
      utilisation: z.number().nullable(),
      celsius: z.number().nullable(),
    }),
  ),
});
export type Sample = z.infer<typeof sample>;

/** One attempt, from offer to its end. */
export const jobTimeline = z.object({
  network: z.string().nullable(),
  job: z.string(),
  attempt: z.int(),
  model: z.string().nullable(),
  /** Deepest active state first entered at `atMs`; the last one lasts until `endedMs`. */
  steps: z.array(z.object({ state: z.string(), atMs: z.number() })),
  endedMs: z.number().nullable(),
  /** How it ended, e.g. `completed`, `declined`; null while it lives. */
  outcome: z.string().nullable(),
});
export type JobTimeline = z.infer<typeof jobTimeline>;

export const logEntry = z.object({
  seq: z.int().min(0),
  atMs: z.number(),
  /** trace, debug, info, warn, error, fatal */
  level: z.string(),
  component: z.string().nullable(),
  network: z.string().nullable(),
  event: z.string().nullable(),
  job: z.string().nullable(),
  message: z.string(),
});
export type LogEntry = z.infer<typeof logEntry>;

/** First, and once. */
export const feedHello = z.object({
  type: z.literal('hello'),
  schemaVersion: z.literal(1),
  agentVersion: z.string(),
  /** The daemon's clock. */
  nowMs: z.number(),
  /** Names of the statecharts, as under `/charts/NAME.svg` and `.json`. */
  machines: z.array(z.string()),
  /** Whether statecharts are observed at all. */
  inspector: z.boolean(),
  status: nodeStatus,
  actors: z.array(livingActor),
  records: z.array(feedRecord),
  samples: z.array(sample),
  jobs: z.array(jobTimeline),
  logs: z.array(logEntry),
});
export type FeedHello = z.infer<typeof feedHello>;

export const feedMessage = z.discriminatedUnion('type', [
  feedHello,
  /** @property dropped records this viewer missed before these, for being slow */
  z.object({ type: z.literal('records'), records: z.array(feedRecord), dropped: z.int().min(0) }),
  z.object({ type: z.literal('status'), status: nodeStatus }),
  z.object({ type: z.literal('sample'), sample }),
  /** Those that changed; known ones are replaced. */
  z.object({ type: z.literal('jobs'), jobs: z.array(jobTimeline) }),
  z.object({ type: z.literal('logs'), logs: z.array(logEntry) }),
]);
export type FeedMessage = z.infer<typeof feedMessage>;
