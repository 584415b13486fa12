// What cannot be believed: set aside with its bytes, and told once.
import { z } from 'zod';
import type { GroupCommit, Staged } from './group-commit.js';
import type { CorruptEntry, JournalStore, TableName } from './journal-store.js';

export interface QuarantineParts {
  readonly store: JournalStore;
  readonly commits: GroupCommit;
  /** Told of each corrupt entry once it is found. */
  readonly onCorrupt: (entry: CorruptEntry) => void;
}

export class Quarantine {
  readonly #parts: QuarantineParts;
  readonly #reported = new Set<string>();

  constructor(parts: QuarantineParts) {
    this.#parts = parts;
  }

  /** Whether the record of that attempt was set aside. */
  holds(staged: Staged, key: string): boolean {
    return staged.get('quarantine', `records/${key}`) !== undefined;
  }

  /** Corrupt bytes are moved to quarantine and reported once; the caller sees an attempt without them. */
  believe<T>(table: TableName, key: string, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      const name = `${table}/${key}`;
      if (!this.#reported.has(name)) {
        this.#reported.add(name);
        this.#parts.onCorrupt({ table, key, reason: reasonOf(error) });
        // Where this fails too, the entry stays where it is and is still not believed.
        this.#parts.commits.run((staged) => this.#setAside(staged, table, key)).catch(() => {});
      }
      return undefined;
    }
  }

  #setAside(staged: Staged, table: TableName, key: string): void {
    const moved: readonly TableName[] = table === 'records' ? ['records', 'requests', 'outputs'] : [table];
    for (const from of moved) {
      const bytes = staged.get(from, key);
      if (bytes === undefined) continue;
      staged.set('quarantine', `${from}/${key}`, bytes);
      staged.set(from, key, undefined);
    }
    if (table !== 'records') return;
    for (const index of ['pending', 'order', 'concluded'] as const) {
      for (const indexKey of this.#parts.store.keys(index)) {
        if (indexKey.endsWith(`:${key}`)) staged.set(index, indexKey, undefined);
      }
    }
  }
}

/** The schema's complaint without the values it complains about: they may be a client's words. */
const reasonOf = (error: unknown): string => {
  if (error instanceof z.ZodError) {
    const [issue] = error.issues;
    return `${issue?.code ?? 'invalid'} at ${issue?.path.join('.') ?? ''}`;
  }
  if (error instanceof SyntaxError) return 'not JSON';
  return error instanceof Error ? error.message : 'unreadable';
};
