// The small read-only view of a node that commands and pages see. Its JSON is an interface: fields are added, never
// changed.
import { z } from 'zod';
import { orderView } from './order-view.js';

const failure = z
  .object({ code: z.string(), message: z.string(), retryable: z.boolean(), advice: z.string().optional() })
  .nullable();

const modelLine = z.object({
  id: z.string(),
  digest: z.string(),
  state: z.string(),
  reason: z.string().nullable(),
});

const jobCounts = z.object({
  running: z.number(),
  queued: z.number(),
  slots: z.number(),
  outbox: z.number(),
  credits: z.number(),
});

const configRef = z
  .object({
    version: z.number(),
    digest: z.string(),
    /** When the network signed it; epoch milliseconds by the network's clock. */
    issuedMs: z.number().optional(),
  })
  .nullable();
const reportCounts = z.object({
  /** Sealed segments the network has not signed for. */
  waiting: z.number(),
  delivered: z.number(),
  /** Why the last one could not be delivered; null once one was. */
  failure: failure.optional(),
});

const networkFacts = z.object({
  name: z.string().nullable(),
  url: z.string().nullable(),
  connected: z.boolean(),
  /** When the network last answered a heartbeat; epoch milliseconds, null before the first. */
  lastAckMs: z.number().nullable(),
  standing: z.string().nullable(),
  account: z.string().nullable(),
  /** Another process that uses this node's key, as the network sees it; null while none was heard of. */
  elsewhere: z
    .object({
      address: z.string(),
      agentVersion: z.string(),
      /** When it connected; epoch milliseconds by the network's clock. */
      atMs: z.number(),
      /** Whether it has the session, and this node was refused. */
      holdsSession: z.boolean(),
    })
    .nullable()
    .optional(),
});

/** The node in one of its networks. */
const networkStatus = networkFacts.extend({
  stage: z.string(),
  /** Why it gets no jobs from this network now. */
  idleReason: z.string().nullable(),
  /** The same as one word of a closed list. */
  idleCause: z.string().nullable().optional(),
  config: configRef,
  /** Whether the Runtime works for this network. */
  hasRuntime: z.boolean(),
  /** The network by whose wish the Runtime runs; null while none is wanted. */
  runtimeHolder: z.string().nullable(),
  /** To drain or pause; null while jobs are taken. */
  order: orderView.nullable().optional(),
  models: z.array(modelLine),
  jobs: jobCounts,
  reports: reportCounts,
  failure,
});
export type NetworkStatus = z.infer<typeof networkStatus>;

/** What is said of a network here is said of the first, in the owner's order; `networks` has them all. */
export const nodeStatus = z.object({
  stage: z.string(),
  /** Why it gets no jobs now; null when nothing stands in the way. */
  idleReason: z.string().nullable(),
  /** The same as one word of a closed list. */
  idleCause: z.string().nullable().optional(),
  nodeId: z.string().nullable(),
  agentVersion: z.string(),
  pid: z.number(),
  startedMs: z.number(),
  network: networkFacts,
  config: configRef,
  lastSync: z.object({ outcome: z.string().nullable(), failure }).nullable(),
  runtime: z.object({
    state: z.string(),
    driver: z.string(),
    engine: z.string(),
    version: z.string().nullable(),
    restarts: z.number(),
    failure,
    /** When it is started again by itself; epoch milliseconds, null while nothing is waited for. */
    retryAtMs: z.number().nullable().optional(),
    /** Whether the container engine answers; one that does not says nothing about the Runtime in it. */
    controlled: z.boolean().optional(),
    /** Why it is suspect. */
    doubt: z.string().nullable().optional(),
    /** Why it serves an older configuration than the one in force; null while it does not. */
    behind: failure.optional(),
  }),
  /** To drain or pause, for all networks; null while jobs of any are taken. */
  order: orderView.nullable().optional(),
  models: z.array(modelLine),
  jobs: jobCounts,
  /** What waits for the network on disk; null before a network is joined. */
  journal: z
    .object({
      results: z.number(),
      remembered: z.number(),
      bytes: z.number(),
      /** Full: no new job is taken until the network has taken results. */
      hasRoom: z.boolean(),
    })
    .nullable()
    .optional(),
  reports: reportCounts,
  /** What was found damaged on the disk since the start, and what became of it. */
  repairs: z
    .array(
      z.object({
        /** e.g. `devnet/floor` */
        what: z.string(),
        how: z.enum(['previous', 'rebuilt', 'fetched', 'begun_anew', 'set_aside']),
        /** Names of the damaged files, kept where they were. */
        kept: z.array(z.string()),
        times: z.number(),
        atMs: z.number(),
      }),
    )
    .optional(),
  failure,
  networks: z.array(networkStatus).optional(),
});
export type NodeStatus = z.infer<typeof nodeStatus>;

export const jobLine = z.object({
  /** The network it came from. */
  network: z.string().nullable().optional(),
  job: z.string(),
  attempt: z.number(),
  state: z.string(),
  model: z.string(),
  endpoint: z.string(),
  mode: z.string(),
  acceptedMs: z.number(),
  outcome: z.string().nullable(),
  verdict: z.string().nullable(),
  promptTokens: z.number().nullable(),
  completionTokens: z.number().nullable(),
  firstTokenMs: z.number().nullable(),
  totalMs: z.number().nullable(),
  receiptSeq: z.number().nullable(),
});
export type JobLine = z.infer<typeof jobLine>;

/** What the console may ask of a node. */
export interface NodeView {
  status(): NodeStatus;
  /** Newest first. @param network by name or URL; all unless told */
  jobs(limit: number, network?: string): readonly JobLine[];
  /** Calls back whenever the status may have changed. */
  onChange(listener: () => void): () => void;
}

/** The answer to an order to start the Runtime again. */
export const retryAnswer = z.object({
  /** Whether it had been given up on and is started now. */
  retried: z.boolean(),
  /** The Runtime's state before. */
  state: z.string(),
});
export type RetryAnswer = z.infer<typeof retryAnswer>;

/** The answer to an order to send the log now. */
export const reportOrder = z.object({
  /** False where no network has been joined yet. */
  requested: z.boolean(),
  /** Sealed segments that are to go out. */
  waiting: z.number(),
  /** Delivered before, since the node started. */
  delivered: z.number(),
  /** Why what has gathered could not be sealed. */
  failure,
  /** The same for each network; together they make what is above. */
  networks: z.array(z.object({ url: z.string(), waiting: z.number(), delivered: z.number() })).optional(),
});
export type ReportOrder = z.infer<typeof reportOrder>;

/** An order to test a model again; body of `POST /api/models/retest`. */
export const retestOrder = z.strictObject({
  digest: z.string().max(128),
  /** By name or URL; the first that lists the model unless told. */
  network: z.string().max(2048).optional(),
});
export type RetestOrder = z.infer<typeof retestOrder>;

export const retestAnswer = z.object({
  /** Whether it is tested now, or tried again. */
  retested: z.boolean(),
  /** The model's state before. */
  state: z.string(),
});
export type RetestAnswer = z.infer<typeof retestAnswer>;

/** Where the console is. */
export const consolePlace = z.object({
  /** Without the token; null while there is no console. */
  url: z.string().nullable(),
  /** Why there is none, where it was wanted. */
  failure,
});
export type ConsolePlace = z.infer<typeof consolePlace>;
