// The lines a log has lost and not told of yet.

/** Why lines are missing: a torn last line, a failing disk, the ring's bound, a damaged segment, the network's refusal. */
export type GapReason = 'torn' | 'unwritable' | 'ring' | 'damaged' | 'too_long' | 'refused';

export class Gaps {
  readonly #lines = new Map<GapReason, number>();

  miss(reason: GapReason, lines: number): void {
    this.#lines.set(reason, (this.#lines.get(reason) ?? 0) + lines);
  }

  /** Hands over a record of each; one that could not be appended is kept. @throws what `append` throws */
  tell(nowMs: number, append: (record: string, reason: GapReason) => void): void {
    for (const [reason, lines] of this.#lines) {
      const time = new Date(nowMs).toISOString();
      const gap = { level: 'warn', time, component: 'report-log', event: 'log.gap', reason, lines };
      append(JSON.stringify({ ...gap, msg: `${lines} log line(s) are missing here` }), reason);
      this.#lines.delete(reason);
    }
  }
}
