// Orders to rest: who gave them, what becomes of a new one beside the one in force, and how they read in one line.
import type { Failure } from '../../errors.js';
import type { OrderVerb } from '../../protocol/messages/orders.js';

/** Not to work for a while: whose wish it is, why, and until when. */
export interface NodeOrder {
  readonly kind: 'drain' | 'pause';
  readonly by: 'owner' | 'network';
  readonly note: string | null;
  /** Epoch milliseconds. */
  readonly sinceMs: number;
  /** Epoch milliseconds; null: until it is lifted. */
  readonly untilMs: number | null;
}

/** An order in force in this run of the Agent. */
export interface HeldOrder extends NodeOrder {
  /** Its end by the clock that never jumps; null: until it is lifted. */
  readonly endsMonotonicMs: number | null;
}

/** What somebody asks for; answered once, by its id. */
export interface OrderRequest {
  readonly id: string;
  readonly verb: OrderVerb;
  readonly by: 'owner' | 'network';
  readonly note: string | null;
  /** When it was given; epoch milliseconds. */
  readonly atMs: number;
  readonly untilMs: number | null;
}

/** Told to whoever listens to the node's actor, once per request. */
export interface OrderAnswered {
  readonly type: 'order.answered';
  readonly request: OrderRequest;
  readonly outcome: 'done' | 'refused' | 'failed';
  /** A short code where it is not done. */
  readonly reason: string | null;
  readonly failure: Failure | null;
}

/** Requests that may wait while one is written down; more are turned away. */
export const MAX_WAITING_ORDERS = 16;

/** Why a request is turned away, or null. The owner's word stands against the network's, never the other way round. */
export const refusalOf = (held: NodeOrder | null, { by, untilMs, atMs }: OrderRequest): string | null => {
  if (by === 'network' && held?.by === 'owner') return 'owner_order';
  if (untilMs !== null && untilMs <= atMs) return 'until_passed';
  return null;
};

/** Whether the request changes nothing: there is nothing to lift. */
export const isDoneAlready = (held: NodeOrder | null, { verb }: OrderRequest): boolean =>
  verb === 'resume' && held === null;

/** What is in force once the request is carried out. The same order again keeps the time it began. */
export const orderAfter = (held: NodeOrder | null, request: OrderRequest): NodeOrder | null => {
  const { verb, by, note, atMs, untilMs } = request;
  if (verb === 'resume') return null;
  const isSame = held?.kind === verb && held.by === by;
  return { kind: verb, by, note: note === '' ? null : note, sinceMs: isSame ? held.sinceMs : atMs, untilMs };
};

const minuteOf = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')}Z`;

/** Who, until when, why, and how to end it: `paused by its owner until 2026-11-23 10:42Z (gaming): …`. */
export const orderInWords = ({ kind, by, note, untilMs }: NodeOrder, jobsLeft: number): string => {
  const left = jobsLeft === 0 ? '' : `, ${jobsLeft} ${jobsLeft === 1 ? 'job' : 'jobs'} left`;
  const what = `${kind === 'pause' ? 'paused' : 'draining'} by ${by === 'owner' ? 'its owner' : 'the network'}${left}`;
  const until = untilMs === null ? '' : ` until ${minuteOf(untilMs)}`;
  return `${what}${until}${note === null ? '' : ` (${note})`}: \`resultity-node resume\` ends it`;
};
