// Makes room in a journal before it takes more, by its bounds. Measuring a database costs as much as a tenth of a job, so
// it is done again only when what has changed since could matter.
import { isFull, type JournalBounds, type JournalUsage, mustForget } from './journal-bounds.js';
import { diskTrouble } from './journal-disk.js';
import { type JournalDiskFullError, JournalFullError } from './journal-errors.js';
import type { JournalStore } from './journal-store.js';

/** Share of a bound that may have changed unmeasured. */
const SLACK = 1 / 16;
/** Attempts forgotten in one commit. */
const AT_ONCE = 256;

export interface JournalRoomParts {
  readonly store: JournalStore;
  readonly bounds: JournalBounds;
  /** Forgets so many acknowledged attempts, oldest first. @returns how many there were */
  readonly forget: (limit: number) => Promise<number>;
  /** Told how many attempts were forgotten before their day was over. */
  readonly onForgotten: (attempts: number) => void;
}

export class JournalRoom {
  readonly #parts: JournalRoomParts;
  #measured: JournalUsage | undefined;
  #changes = 0;
  #changedBytes = 0;
  #making: Promise<void> | undefined;

  constructor(parts: JournalRoomParts) {
    this.#parts = parts;
  }

  /** Something was written or removed. */
  note(bytes: number): void {
    this.#changes++;
    this.#changedBytes += bytes;
  }

  measure(): JournalUsage {
    const { store } = this.#parts;
    this.#changes = 0;
    this.#changedBytes = 0;
    const usage = {
      results: store.count('outputs'),
      remembered: store.count('concluded'),
      bytes: store.bytes(),
    };
    this.#measured = usage;
    return usage;
  }

  get hasRoom(): boolean {
    return !isFull(this.#look(), this.#parts.bounds);
  }

  /** Why the disk should take no more, however little the journal holds. */
  get diskTrouble(): JournalDiskFullError | undefined {
    return diskTrouble(this.#parts.store.space());
  }

  /**
   * @returns a promise where something must be forgotten first
   * @throws JournalDiskFullError; JournalFullError what the network is owed fills the journal; JournalError
   */
  make(): Promise<void> | undefined {
    const trouble = this.diskTrouble;
    if (trouble !== undefined) throw trouble;
    if (!mustForget(this.#look(), this.#parts.bounds)) {
      this.#refuseIfFull();
      return undefined;
    }
    this.#making ??= this.#forget().finally(() => {
      this.#making = undefined;
    });
    return this.#making.then(() => this.#refuseIfFull());
  }

  #refuseIfFull(): void {
    const usage = this.#look();
    if (isFull(usage, this.#parts.bounds)) throw fullError(usage, this.#parts.bounds);
  }

  #look(): JournalUsage {
    const { maxResults, maxRemembered, maxBytes } = this.#parts.bounds;
    const isStale =
      this.#changes > SLACK * Math.min(maxResults, maxRemembered) || this.#changedBytes > SLACK * maxBytes;
    return isStale || this.#measured === undefined ? this.measure() : this.#measured;
  }

  async #forget(): Promise<void> {
    const { bounds, forget, onForgotten } = this.#parts;
    let forgotten = 0;
    while (mustForget(this.measure(), bounds)) {
      const gone = await forget(AT_ONCE);
      if (gone === 0) break;
      forgotten += gone;
    }
    this.measure();
    onForgotten(forgotten);
  }
}

const fullError = (usage: JournalUsage, bounds: JournalBounds): JournalFullError => {
  const { results, bytes } = usage;
  const { maxResults, maxBytes } = bounds;
  return new JournalFullError(`${results} results in ${bytes} bytes wait for the network`, {
    details: { results, bytes, maxResults, maxBytes },
    advice:
      'Nothing need be done while the node is connected: jobs are taken again once the network has taken the results.',
  });
};
