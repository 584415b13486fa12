// What the page remembers of the feed: the newest records whole, and of what came before them only who lived and where.
import type { FeedRecord, LivingActor } from '../../../../src/console/feed/feed-records.js';
import { advance, isLiving, NOTHING } from './situation.js';

export interface Recording {
  /** In the order of their numbers, each number once. */
  readonly records: readonly FeedRecord[];
  /** From this number on nothing was left out on purpose. */
  readonly firstSeq: number;
}

export const EMPTY: Recording = { records: [], firstSeq: 0 };

/** Records kept; at a busy node's fifty a second, some minutes. */
export const RECORDS_KEPT = 10_000;

const ordered = (records: readonly FeedRecord[]): FeedRecord[] => {
  const bySeq = new Map(records.map((record) => [record.seq, record]));
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
};

/** The birth and the last state of an actor, as they were recorded. */
const recordsOf = ({ state, ...actor }: LivingActor): FeedRecord[] =>
  state === null ? [actor] : [actor, state];

/** What a viewer who comes late is told. */
export const recordingOf = (actors: readonly LivingActor[], records: readonly FeedRecord[]): Recording => ({
  records: ordered([...actors.flatMap(recordsOf), ...records]),
  firstSeq: records[0]?.seq ?? Math.max(0, ...actors.flatMap(recordsOf).map(({ seq }) => seq + 1)),
});

const sameRecord = (a: FeedRecord, b: FeedRecord): boolean =>
  a.kind === b.kind && a.seq === b.seq && a.atMs === b.atMs;

/**
 * After a reconnection. Numbers begin anew with the process: where they fit what is known, the recording goes on;
 * where they do not, the node was started again and the recording begins with it.
 */
export const resume = (known: Recording, fresh: Recording): Recording => {
  const lastKnown = known.records.at(-1);
  const lastFresh = fresh.records.at(-1);
  if (lastKnown === undefined || lastFresh === undefined || lastFresh.seq < lastKnown.seq) return fresh;
  const bySeq = new Map(known.records.map((record) => [record.seq, record]));
  const fits = fresh.records.every((record) => {
    const same = bySeq.get(record.seq);
    return same === undefined || sameRecord(same, record);
  });
  const overlaps = fresh.records.some((record) => bySeq.has(record.seq));
  if (!fits || !overlaps) return fresh;
  return keepNewest({ records: ordered([...known.records, ...fresh.records]), firstSeq: known.firstSeq });
};

/** @param records newer than all that are known */
export const append = (known: Recording, records: readonly FeedRecord[], keep = RECORDS_KEPT): Recording => {
  const last = known.records.at(-1)?.seq ?? -1;
  const fresh = records.filter(({ seq }) => seq > last);
  return fresh.length === 0 ? known : keepNewest({ ...known, records: [...known.records, ...fresh] }, keep);
};

/** Forgets the oldest, a quarter more than needed so that this is rare, but not who was alive then. */
const keepNewest = (recording: Recording, keep = RECORDS_KEPT): Recording => {
  const { records } = recording;
  if (records.length <= keep) return recording;
  const cut = records.length - Math.ceil(keep * 0.75);
  const left = advance(NOTHING, records.slice(0, cut));
  const living = [...left.actors.values()].filter(isLiving).map(({ actor, state }) => ({ ...actor, state }));
  return {
    records: ordered([...living.flatMap(recordsOf), ...records.slice(cut)]),
    firstSeq: records[cut]?.seq ?? recording.firstSeq,
  };
};
