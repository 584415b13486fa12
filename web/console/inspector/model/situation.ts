// Where every actor was at one moment, folded from what the feed recorded up to then.
import type { ActorRecord, FeedRecord, StateRecord } from '../../../../src/console/feed/feed-records.js';

export interface ActorView {
  readonly actor: ActorRecord;
  /** The newest at that moment; null for one whose state was not recorded yet. */
  readonly state: StateRecord | null;
}

export interface Situation {
  /** Of the last record in it; -1 before the first. */
  readonly seq: number;
  readonly atMs: number | null;
  /** By session id, in the order of their birth: all that live, and the newest statecharts that ended. */
  readonly actors: ReadonlyMap<string, ActorView>;
}

/** Statecharts that ended and are still shown: a finished job can be looked at. */
export const ENDED_KEPT = 24;

export const NOTHING: Situation = { seq: -1, atMs: null, actors: new Map() };

export const isLiving = ({ state }: ActorView): boolean => state === null || state.status === 'active';

const forgetOldest = (actors: Map<string, ActorView>, ended: readonly ActorView[]): void => {
  for (const { actor } of ended.slice(0, Math.max(0, ended.length - ENDED_KEPT))) actors.delete(actor.actor);
};

/** @param records newer than the situation, in the order of their numbers */
export const advance = (before: Situation, records: readonly FeedRecord[]): Situation => {
  const last = records.at(-1);
  if (last === undefined) return before;
  const actors = new Map(before.actors);
  for (const record of records) {
    if (record.kind === 'actor') actors.set(record.actor, { actor: record, state: null });
    if (record.kind !== 'state') continue;
    const known = actors.get(record.actor);
    if (known === undefined) continue;
    // A promise or callback that ended says nothing more; a statechart's last state is worth a look.
    if (record.status !== 'active' && known.actor.machine === null) actors.delete(record.actor);
    else actors.set(record.actor, { actor: known.actor, state: record });
  }
  const ended = [...actors.values()]
    .filter((view) => !isLiving(view))
    .sort((a, b) => (a.state?.seq ?? 0) - (b.state?.seq ?? 0));
  forgetOldest(actors, ended);
  return { seq: last.seq, atMs: last.atMs, actors };
};

/** How many of the records, which rise by their number, are not newer than it. */
export const countUntil = (records: readonly FeedRecord[], seq: number): number => {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((records[middle]?.seq ?? 0) <= seq) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** @param seq the last record that counts */
export const situationAt = (records: readonly FeedRecord[], seq: number): Situation =>
  advance(NOTHING, records.slice(0, countUntil(records, seq)));
