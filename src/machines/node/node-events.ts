// What the node keeps in mind, what it hears, and the orders it gives: the types its services share with its chart.
import type { Failure } from '../../errors.js';
import type { ModelState } from '../../protocol/codes.js';
import type { ConfigRef, Standing } from '../../protocol/messages/session.js';
import type { ConfigPlan, ConfigSyncContext, ListedModel } from '../config-sync-machine.js';
import type { LinkContext, SessionNews } from '../link-machine.js';
import type { ModelChanged } from '../model-machine.js';
import type { GivenUp } from '../runtime/given-up.js';
import type { HeldOrder, OrderRequest } from './order-book.js';

/** A listed model, the slot its actor lives in, and its last known state. */
export interface NodeModel extends ListedModel {
  /** Actor id out of a bounded set: a model's name never becomes an actor id. */
  readonly slot: string;
  readonly state: ModelState;
  readonly reason: string | null;
}

/** Attempts this node answers for. `busy`: accepted and not yet signed; `outbox`: signed and not acknowledged. */
export interface JobLoad {
  readonly busy: number;
  readonly outbox: number;
}

export interface NodeContext {
  readonly nodeId: string | null;
  readonly network: string | null;
  readonly standing: Standing | null;
  /** In force. */
  readonly config: ConfigRef | null;
  /** What the network last asked for. */
  readonly wanted: ConfigRef | null;
  /** Refused before: not fetched again until the network asks for another. */
  readonly refusedDigest: string | null;
  readonly lastSync: {
    /** The snapshot it was about. */
    readonly config: ConfigRef;
    readonly outcome: ConfigSyncContext['outcome'];
    readonly failure: Failure | null;
  } | null;
  readonly models: readonly NodeModel[];
  /** Digests of the models the Runtime serves now; null while it does not. */
  readonly served: readonly string[] | null;
  /** Why the Runtime serves another network; null while it does not. */
  readonly taken: Failure | null;
  readonly load: JobLoad;
  /** To drain or pause; null while jobs are taken. */
  readonly order: HeldOrder | null;
  /** Orders not yet answered, oldest first. */
  readonly asked: readonly OrderRequest[];
  readonly failures: number;
  readonly failure: Failure | null;
}

export type NodeEvent =
  | SessionNews
  | ModelChanged
  | { type: 'node.stop' }
  | { type: 'link.opened' }
  | { type: 'link.lost' }
  | { type: 'link.suspected' }
  | { type: 'link.refused'; failure: Failure | null }
  | { type: 'config.inForce'; plan: ConfigPlan | null }
  | { type: 'runtime.ready'; models: readonly string[] }
  | { type: 'runtime.lost' }
  /** What is wanted of the Runtime does not work; told again after each change of the models. */
  | ({ type: 'runtime.givenUp' } & GivenUp)
  /** The Runtime serves another network, which the owner prefers. */
  | { type: 'runtime.taken'; failure: Failure }
  | { type: 'runtime.takenUp' }
  | { type: 'jobs.changed'; load: JobLoad }
  /** The owner wants it tested again. */
  | { type: 'model.retested'; digest: string }
  | { type: 'xstate.done.actor.link'; output: LinkContext }
  | { type: `xstate.error.actor.${string}`; actorId: string; error: unknown };

/** Orders to the supervisor of jobs. */
export type JobsOrder =
  | { type: 'job.offered'; job: string; attempt: number }
  | { type: 'job.cancelled'; job: string; attempt: number; reason: string }
  | Extract<SessionNews, { type: 'result.acknowledged' }>
  | { type: 'link.opened' }
  | { type: 'link.lost' }
  | { type: 'models.changed'; models: readonly NodeModel[] }
  | { type: 'jobs.drain' }
  | { type: 'jobs.admit' }
  | { type: 'jobs.interrupt'; reason: string };

/** Orders to the service that stands between this node and the daemon's one Runtime. */
export type RuntimeOrder =
  | { type: 'models.changed'; models: readonly NodeModel[] }
  | { type: 'serving.suspended' }
  | { type: 'serving.resumed' }
  | { type: 'jobs.changed'; load: JobLoad };
