// Makes room in a journal before it takes more, by its bounds. Measuring a database costs as much as a tenth of a job, so
// it is done again only when what has changed since could matter.
import { isFull, type JournalBounds, type JournalUsage, mustForget } from './journal-bounds.js';
import { JournalFullError } from './journal-errors.js';
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
  #measured: JournalUsage;
  #changes = 0;
  #changedBytes = 0;
  #making: Promise<void> | undefined;

  constructor(parts: JournalRoomParts) {
    this.#parts = parts;
    this.#measured = this.measure();
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
    this.#measured = {
      results: store.count('outputs'),
      remembered: store.count('concluded'),
      bytes: store.bytes(),
    };
    return this.#measured;
  }

  get hasRoom(): boolean {
    return !isFull(this.#look(), this.#parts.bounds);
  }

  /** @throws JournalFullError what the network is owed fills the journal; JournalError */
  async make(): Promise<void> {
    const { bounds } = this.#parts;
    if (mustForget(this.#look(), bounds)) {
      this.#making ??= this.#forget().finally(() => {
        this.#making = undefined;
      });
      await this.#making;
    }
    if (isFull(this.#measured, bounds)) throw fullError(this.#measured, bounds);
  }

  #look(): JournalUsage {
    const { maxResults, maxRemembered, maxBytes } = this.#parts.bounds;
    const isStale =
      this.#changes > SLACK * Math.min(maxResults, maxRemembered) || this.#changedBytes > SLACK * maxBytes;
    return isStale ? this.measure() : this.#measured;
  }

  async #forget(): Promise<void> {
    const { bounds, forget, onForgotten } = this.#parts;
    let forgotten = 0;
    while (mustForget(this.#measured, bounds)) {
      const gone = await forget(AT_ONCE);
      this.measure();
      if (gone === 0) break;
      forgotten += gone;
    }
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
