// Many callers, one commit: whatever arrives while a commit is being flushed goes into the next one. No timer; waiting
// for the previous flush groups by itself, the better the slower the disk is.
import { JournalError } from './journal-errors.js';
import type { Change, JournalStore, TableName } from './journal-store.js';

/** What an operation reads and writes: committed data under the changes of the operations before it. */
export interface Staged {
  get(table: TableName, key: string): Uint8Array | undefined;
  set(table: TableName, key: string, value: Uint8Array | undefined): void;
}

interface Waiting {
  /** Stages changes and returns what settles the caller once they are durable. */
  readonly stage: (staged: Staged) => () => void;
  readonly reject: (reason: unknown) => void;
}

/** Bounds what one commit holds in memory and how long it blocks the event loop. */
const MAX_OPERATIONS = 1024;
const MAX_BYTES = 64 * 1024 * 1024;

export class GroupCommit {
  readonly #store: JournalStore;
  #waiting: Waiting[] = [];
  #draining: Promise<void> | undefined;
  #closed = false;
  /** Why the last commit failed; undefined since one has succeeded. */
  failure: unknown;

  constructor(store: JournalStore) {
    this.#store = store;
  }

  /**
   * Runs `operation` against the latest state and settles when that state is on disk: with its result, or with what it
   * threw, in which case it changed nothing.
   * @throws JournalError the commit failed: none of its operations happened
   */
  run<T>(operation: (staged: Staged) => T): Promise<T> {
    if (this.#closed) return Promise.reject(new JournalError('the job journal is closed'));
    return new Promise<T>((resolve, reject) => {
      const stage = (staged: Staged): (() => void) => {
        const result = operation(staged);
        return () => resolve(result);
      };
      this.#waiting.push({ stage, reject });
      this.#draining ??= Promise.resolve().then(() => this.#drain());
    });
  }

  /** Waits for what has been called so far; later calls are refused. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#draining;
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) await this.#commitOnce();
    this.#draining = undefined;
  }

  async #commitOnce(): Promise<void> {
    const changes = new Map<string, Change>();
    const taken: { readonly settle: () => void; readonly reject: (reason: unknown) => void }[] = [];
    let bytes = 0;
    let at = 0;
    for (; at < this.#waiting.length && at < MAX_OPERATIONS && bytes < MAX_BYTES; at++) {
      const one = this.#waiting[at];
      if (one === undefined) break;
      const own = new Map<string, Change>();
      try {
        taken.push({ settle: one.stage(this.#view(changes, own)), reject: one.reject });
      } catch (error) {
        // What it was refused for may itself only be staged yet.
        taken.push({ settle: () => one.reject(error), reject: one.reject });
        continue;
      }
      for (const [slot, change] of own) {
        changes.set(slot, change);
        bytes += change.value?.length ?? 0;
      }
    }
    this.#waiting.splice(0, at);
    try {
      if (changes.size > 0) {
        await this.#store.commit([...changes.values()]);
        this.failure = undefined;
      }
    } catch (error) {
      this.failure = error;
      for (const { reject } of taken) reject(error);
      return;
    }
    for (const { settle } of taken) settle();
  }

  #view(before: ReadonlyMap<string, Change>, own: Map<string, Change>): Staged {
    return {
      get: (table, key) => {
        const slot = `${table}/${key}`;
        const change = own.get(slot) ?? before.get(slot);
        return change === undefined ? this.#store.get(table, key) : change.value;
      },
      set: (table, key, value) => void own.set(`${table}/${key}`, { table, key, value }),
    };
  }
}
