// A job's events on their way to one consumer. What a slow consumer leaves unread is bounded; what nobody has read
// yet can be taken back when an attempt is replaced.
import type { JobEnd, JobEvent } from '../desk/job-desk.js';

export class EventChannel implements AsyncIterable<JobEvent> {
  #queue: JobEvent[] = [];
  #unreadBytes = 0;
  #chunksRead = 0;
  #ended = false;
  #abandoned = false;
  #wake: (() => void) | undefined;

  /** UTF-8 bytes of chunks waiting to be read. */
  get unreadBytes(): number {
    return this.#unreadBytes;
  }

  /** A chunk has been handed to the consumer: what follows must continue it. */
  get hasSpoken(): boolean {
    return this.#chunksRead > 0;
  }

  push(event: Exclude<JobEvent, JobEnd>): void {
    if (this.#ended || this.#abandoned) return;
    if (event.type === 'chunk') this.#unreadBytes += Buffer.byteLength(event.data);
    this.#queue.push(event);
    this.#notify();
  }

  /** Unread chunks of an attempt that no longer counts. */
  dropChunks(): void {
    this.#queue = this.#queue.filter((event) => event.type !== 'chunk');
    this.#unreadBytes = 0;
  }

  end(event: JobEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    if (!this.#abandoned) this.#queue.push(event);
    this.#notify();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<JobEvent> {
    try {
      for (;;) {
        const event = this.#queue.shift();
        if (event !== undefined) {
          if (event.type === 'chunk') {
            this.#unreadBytes -= Buffer.byteLength(event.data);
            this.#chunksRead++;
          }
          yield event;
        } else if (this.#ended) {
          return;
        } else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
      }
    } finally {
      this.#abandoned = true;
      this.#queue = [];
      this.#unreadBytes = 0;
    }
  }

  #notify(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
