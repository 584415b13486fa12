// The journal's values, each damaged in every bit and length under the rules that read them.
import { expect, onTestFinished, test } from 'vitest';
import type {
  Change,
  CorruptEntry,
  JournalStore,
  TableName,
} from '../../../src/adapters/journal/journal-store.js';
import { StoredJournal } from '../../../src/adapters/journal/stored-journal.js';
import { PROMISED_DAMAGES } from '../promised.js';
import { FaultTally } from '../report.js';
import { isWhole, scaled } from '../scale.js';
import { anyDamage, everyDamage } from './damages.js';
import { refusalCode } from './expect-refusal.js';
import { judgeJournal, liveJournal } from './journal-life.js';

type Tables = ReadonlyMap<TableName, Map<string, Uint8Array>>;

const storeOf = (tables: Map<TableName, Map<string, Uint8Array>>): JournalStore => ({
  get: (name, key) => tables.get(name)?.get(key),
  keys: (name, { reverse = false, limit = Number.POSITIVE_INFINITY, before } = {}) => {
    const keys = [...(tables.get(name)?.keys() ?? [])]
      .filter((key) => before === undefined || key < before)
      .sort();
    return (reverse ? keys.reverse() : keys).slice(0, limit);
  },
  count: (name) => tables.get(name)?.size ?? 0,
  bytes: () => 0,
  space: () => undefined,
  commit: async (changes: readonly Change[]) => {
    for (const { table, key, value } of changes) {
      const rows = tables.get(table) ?? new Map<string, Uint8Array>();
      tables.set(table, rows);
      if (value === undefined) rows.delete(key);
      else rows.set(key, value);
    }
  },
  close: async () => {},
});

const written = async () => {
  const tables = new Map<TableName, Map<string, Uint8Array>>();
  const life = await liveJournal(new StoredJournal(storeOf(tables)));
  return { tables: tables as Tables, life };
};

test.for(['records', 'requests', 'outputs', 'meta'] as const)(
  'believes no damaged value of %s',
  async (table) => {
    const { tables, life } = await written();
    const values = [...tables.values()]
      .flatMap((rows) => [...rows.values()])
      .map((value) => Buffer.from(value));
    const tally = new FaultTally(`journal, ${table}`);
    onTestFinished(() => tally.file());
    for (const [key, value] of tables.get(table) ?? []) {
      const bytes = Buffer.from(value);
      const damages = [...everyDamage(bytes), ...anyDamage(`${table}/${key}`, bytes, 400, values)];
      // Records are long: every sixth damage of them, and of everything else each.
      for (const [number, damaged] of damages.entries()) {
        if (table === 'records' && number % 6 !== 0) continue;
        const copy = new Map([...tables].map(([name, rows]) => [name, new Map(rows)]));
        copy.get(table)?.set(key, damaged.bytes);
        const told: CorruptEntry[] = [];
        try {
          const journal = new StoredJournal(storeOf(copy), { onCorrupt: (entry) => told.push(entry) });
          tally.count(damaged.kind, await judgeJournal(journal, life, told));
        } catch (caught) {
          if (table !== 'meta')
            throw new Error(`${damaged.kind} of ${table}/${key}, damage ${number}`, { cause: caught });
          tally.count(damaged.kind, `refused: ${refusalCode(caught)}`);
        }
      }
    }
    expect(tally.total()).toBeGreaterThan(isWhole ? PROMISED_DAMAGES[`journal, ${table}`] : scaled(100));
    expect(tally.total('unharmed')).toBe(0);
  },
);
