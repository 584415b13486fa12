// What happened, one line each, as the sequence diagram shows it and as steps stop at it.
import type { EventRecord, FeedRecord } from '../../../../src/console/feed/feed-records.js';
import { accepts, type Directory, type Filter } from './filter.js';
import type { Recording } from './recording.js';
import { eventText, leavesOf, pathOf } from './wording.js';

interface RowBase {
  readonly seq: number;
  readonly atMs: number;
}

export interface EventRow extends RowBase {
  readonly kind: 'event';
  /** Session id; null: from outside the statecharts. */
  readonly from: string | null;
  readonly to: string;
  readonly type: string;
  readonly label: string;
}

export interface ActorRow extends RowBase {
  /** A lifeline begins, a state is entered, a lifeline ends. */
  readonly kind: 'birth' | 'state' | 'end';
  readonly actor: string;
  readonly label: string;
}

export interface GapRow extends RowBase {
  readonly kind: 'gap';
  readonly missed: number;
}

export type SequenceRow = EventRow | ActorRow | GapRow;

/** A service without a lifeline speaks through the actor that called it. */
const senderOf = ({ from }: EventRecord, directory: Directory, filter: Filter): string | null => {
  if (from === null) return null;
  const sender = directory.get(from);
  if (filter.services || sender === undefined || sender.machine !== null) return from;
  return sender.parent ?? from;
};

const END_WORDS = { done: 'done', error: 'failed', stopped: 'stopped', active: '' } as const;

/**
 * The rows of a whole recording, oldest first. A state that is the one before, as after an event nobody handles, is no row.
 */
export const rowsOf = (recording: Recording, directory: Directory, filter: Filter): SequenceRow[] => {
  const rows: SequenceRow[] = [];
  const before = new Map<string, readonly string[]>();
  let last: FeedRecord | undefined;
  for (const record of recording.records) {
    if (record.seq >= recording.firstSeq) {
      const missed = last !== undefined && last.seq >= recording.firstSeq ? record.seq - last.seq - 1 : 0;
      if (missed > 0) rows.push({ kind: 'gap', seq: record.seq, atMs: record.atMs, missed });
      rows.push(...rowOf(record, directory, filter, before));
    }
    if (record.kind === 'state') before.set(record.actor, record.nodes);
    last = record;
  }
  return rows;
};

const rowOf = (
  record: FeedRecord,
  directory: Directory,
  filter: Filter,
  before: ReadonlyMap<string, readonly string[]>,
): SequenceRow[] => {
  if (!accepts(filter, directory, record)) return [];
  const { seq, atMs } = record;
  if (record.kind === 'actor') {
    return [{ kind: 'birth', seq, atMs, actor: record.actor, label: record.machine ?? 'service' }];
  }
  if (record.kind === 'event') {
    const from = senderOf(record, directory, filter);
    const { to, type } = record;
    return [{ kind: 'event', seq, atMs, from, to, type, label: eventText(type) }];
  }
  const known = before.get(record.actor) ?? [];
  const entered = leavesOf(record.nodes).filter((node) => !known.includes(node));
  const words = entered.map(pathOf).join(' · ');
  if (record.status !== 'active') {
    const label = words === '' ? END_WORDS[record.status] : words;
    return [{ kind: 'end', seq, atMs, actor: record.actor, label }];
  }
  return words === '' ? [] : [{ kind: 'state', seq, atMs, actor: record.actor, label: words }];
};
