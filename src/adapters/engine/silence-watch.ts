// Finds exchanges to which no byte has come for too long. One coarse interval for all of them: a timer that is
// set anew for each chunk would be the dearest part of reading a token.

/** Looks per limit; an exchange is given up after 1 to 1.25 times the limit. */
const LOOKS = 4;

export interface Watched {
  /** Number of the look before the last byte. */
  heardAt: number;
  silent(): void;
}

export class SilenceWatch {
  readonly limitMs: number;
  /** Counts the looks; an exchange that hears something notes it down. */
  look = 0;
  readonly #watched = new Set<Watched>();
  #interval: NodeJS.Timeout | undefined;

  constructor(limitMs: number) {
    this.limitMs = limitMs;
  }

  add(watched: Watched): void {
    watched.heardAt = this.look;
    this.#watched.add(watched);
    this.#interval ??= setInterval(() => this.#lookAround(), this.limitMs / LOOKS);
  }

  remove(watched: Watched): void {
    if (!this.#watched.delete(watched) || this.#watched.size > 0) return;
    clearInterval(this.#interval);
    this.#interval = undefined;
  }

  #lookAround(): void {
    this.look += 1;
    for (const watched of this.#watched) if (this.look - watched.heardAt > LOOKS) watched.silent();
  }
}
