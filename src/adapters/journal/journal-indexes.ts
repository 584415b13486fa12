// The indexes are only another order of the records. Where a disk has changed one, the records say what it should be: a
// result that no index names would never be sent.
import type { z } from 'zod';
import { millis } from '../../protocol/primitives.js';
import { jobRecord } from './job-journal.js';
import type { Change, CorruptEntry, JournalStore } from './journal-store.js';
import { openValue } from './sealed-value.js';

export const MARKS = {
  accepted: Buffer.from('a'),
  finished: Buffer.from('f'),
  receipted: Buffer.from('r'),
  order: Buffer.from('o'),
  concluded: Buffer.from('c'),
} as const;

const INDEXES = ['pending', 'order', 'concluded'] as const;
type Index = (typeof INDEXES)[number];

/** Of every record: it names its attempt itself, so that it can be filed anew. */
export const RECORD_PLACE = 'records';

/** Sorts by time, then by job; the attempt's key can be cut out again. */
export const timeKey = (ms: number, key: string): string => `${String(ms).padStart(16, '0')}:${key}`;
/** `job:attempt` of an entry of an index. */
export const recordKeyOf = (indexKey: string): string => indexKey.slice(indexKey.indexOf(':') + 1);

const indexed = jobRecord.pick({ state: true, accepted_ms: true }).extend({
  offer: jobRecord.shape.offer.pick({ job: true, attempt: true }),
  concluded_ms: millis.nullable(),
});
type Indexed = z.infer<typeof indexed>;

interface Entry {
  readonly key: string;
  readonly mark: Buffer;
}

/** Undefined for a record that cannot be read: its readers find that, and set it aside. */
const readIndexed = (bytes: Uint8Array | undefined): Indexed | undefined => {
  if (bytes === undefined) return undefined;
  try {
    return indexed.parse(openValue(bytes, RECORD_PLACE));
  } catch {
    return undefined;
  }
};

const entriesOf = (key: string, record: Indexed): Partial<Record<Index, Entry>> => {
  const { state, accepted_ms: acceptedMs, concluded_ms: concludedMs } = record;
  const order = { key: timeKey(acceptedMs, key), mark: MARKS.order };
  return state === 'acknowledged'
    ? { order, concluded: { key: timeKey(concludedMs ?? acceptedMs, key), mark: MARKS.concluded } }
    : { order, pending: { key: order.key, mark: MARKS[state] } };
};

const isMarked = (found: Uint8Array | undefined, mark: Buffer): boolean =>
  found !== undefined && mark.equals(found);

/**
 * What must change so that the indexes follow the records. Looks into pending records and those the indexes disagree
 * on; of the others, the many that were acknowledged, only the keys are read.
 */
export const repairIndexes = (
  store: JournalStore,
): { readonly changes: readonly Change[]; readonly found: readonly CorruptEntry[] } => {
  const changes: Change[] = [];
  const found: CorruptEntry[] = [];
  const records = new Set(store.keys('records'));
  const named = new Map<string, Record<Index, string[]>>();
  for (const table of INDEXES) {
    for (const key of store.keys(table)) {
      const record = recordKeyOf(key);
      if (records.has(record)) {
        const entries = named.get(record) ?? { pending: [], order: [], concluded: [] };
        entries[table].push(key);
        named.set(record, entries);
      } else {
        changes.push({ table, key, value: undefined });
        found.push({ table, key, reason: 'it names no record' });
      }
    }
  }
  for (const key of records) {
    const entries = named.get(key) ?? { pending: [], order: [], concluded: [] };
    const { pending, order, concluded } = entries;
    if (order.length === 1 && concluded.length === 1 && pending.length === 0) continue;
    const bytes = store.get('records', key);
    const record = readIndexed(bytes);
    if (record === undefined) continue;
    const ownKey = `${record.offer.job}:${record.offer.attempt}`;
    const isMisfiled = ownKey !== key;
    if (isMisfiled) {
      if (records.has(ownKey)) continue;
      // The value has a checksum and its key has none: believe the value.
      changes.push(
        { table: 'records', key, value: undefined },
        { table: 'records', key: ownKey, value: bytes },
      );
      found.push({ table: 'records', key, reason: 'it is the record of another attempt' });
    }
    const wanted = entriesOf(ownKey, record);
    const before = changes.length;
    for (const table of INDEXES) {
      const entry = wanted[table];
      for (const stray of entries[table]) {
        if (stray !== entry?.key) changes.push({ table, key: stray, value: undefined });
      }
      // Under its own name its entries named no record until now, and are on their way out.
      if (entry !== undefined && (isMisfiled || !isMarked(store.get(table, entry.key), entry.mark))) {
        changes.push({ table, key: entry.key, value: entry.mark });
      }
    }
    if (changes.length > before)
      found.push({ table: 'order', key, reason: 'the indexes contradict the record' });
    const hasOutput = record.state === 'finished' || record.state === 'receipted';
    if (hasOutput && store.get('outputs', ownKey) === undefined) {
      found.push({ table: 'outputs', key: ownKey, reason: 'it is missing' });
    }
  }
  return { changes, found };
};
