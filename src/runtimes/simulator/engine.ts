// The pretended GPU: a bounded set of running sequences, a queue before it, and one ticker that gives each running
// sequence its next token in the same step, as batched decoding does. Faults that hit the whole engine strike here.
import type { EngineGauges, FinishReason, Metrics } from './metrics.js';
import type { Fault, FaultKind } from './options.js';

/** Milliseconds between two tokens of a stream that the fault `slow` has hit. */
const SLOW_INTERVAL_MS = 500;

/** Steps made up for at once when the ticker came late; beyond that the engine has simply been slower. */
const MOST_STEPS_BEHIND = 20;

/** One answer in the making. */
export interface Sequence {
  readonly promptTokens: number;
  readonly faults: readonly Fault[];
  /** Counts as generated tokens; an embedding does not. */
  readonly generates: boolean;
  /** True while the client is too slow to take more. */
  isHeld(): boolean;
  /** Makes the next token. Returns why it was the last, or undefined. */
  advance(): FinishReason | undefined;
  /** A fault of this one request: an error in mid-stream, broken JSON, a cut connection. */
  struck(kind: 'error-midstream' | 'malformed' | 'disconnect'): void;
}

export interface EngineSettings {
  readonly maxNumSeqs: number;
  /** Tokens its pretended KV cache holds. */
  readonly cacheTokens: number;
  readonly tokensPerSecond: number;
  readonly timeToFirstTokenMs: number;
  /** The process dies: called once. */
  readonly crash: () => void;
  readonly struck: (kind: FaultKind) => void;
}

interface Slot {
  readonly sequence: Sequence;
  readonly faults: Fault[];
  readonly arrivedAt: number;
  startedAt: number;
  firstTokenAt: number;
  lastTokenAt: number;
  /** Not advanced before this moment. */
  notBefore: number;
  intervalMs: number;
  tokens: number;
}

export class Engine {
  private readonly running = new Set<Slot>();
  private readonly waiting = new Set<Slot>();
  private readonly slots = new Map<Sequence, Slot>();
  private readonly intervalMs: number;
  private nextStepAt = 0;
  private ticking = false;
  private timer: NodeJS.Timeout | undefined;
  private immediate: NodeJS.Immediate | undefined;
  private frozen: EngineGauges | undefined;
  private stopped = false;

  constructor(
    private readonly settings: EngineSettings,
    private readonly metrics: Metrics,
  ) {
    this.intervalMs = settings.tokensPerSecond === 0 ? 0 : 1000 / settings.tokensPerSecond;
  }

  /** Frozen from the moment of a hang, as vLLM's are: they come from the very process that hangs. */
  gauges(): EngineGauges {
    if (this.frozen !== undefined) return this.frozen;
    let tokens = 0;
    for (const slot of this.running) tokens += slot.sequence.promptTokens + slot.tokens;
    return {
      running: this.running.size,
      waiting: this.waiting.size,
      cacheUse: Math.min(1, tokens / this.settings.cacheTokens),
    };
  }

  submit(sequence: Sequence): void {
    const now = performance.now();
    const slot: Slot = {
      sequence,
      faults: sequence.faults.filter(({ kind }) => kind !== '503').sort((a, b) => a.after - b.after),
      arrivedAt: now,
      startedAt: 0,
      firstTokenAt: 0,
      lastTokenAt: 0,
      notBefore: 0,
      intervalMs: 0,
      tokens: 0,
    };
    this.slots.set(sequence, slot);
    this.waiting.add(slot);
    this.admit(now);
  }

  /** The client is gone: the slot is free at once. Safe to call for a sequence that has ended. */
  abort(sequence: Sequence): void {
    const slot = this.slots.get(sequence);
    if (slot !== undefined) this.end(slot, 'abort', performance.now());
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    clearImmediate(this.immediate);
  }

  private admit(now: number): void {
    if (this.frozen !== undefined || this.stopped) return;
    for (const slot of this.waiting) {
      if (this.running.size >= this.settings.maxNumSeqs) break;
      this.waiting.delete(slot);
      this.running.add(slot);
      slot.startedAt = now;
      slot.notBefore = now + this.settings.timeToFirstTokenMs;
      this.metrics.admitted(slot.sequence.promptTokens, (now - slot.arrivedAt) / 1000);
    }
    if (!this.ticking && this.running.size > 0) {
      this.ticking = true;
      this.nextStepAt = now;
      this.immediate = setImmediate(() => this.tick());
    }
  }

  private tick(): void {
    const now = performance.now();
    let advanced = 0;
    if (this.intervalMs === 0) {
      advanced = this.step(now);
    } else {
      for (let steps = 0; this.nextStepAt <= now && steps < MOST_STEPS_BEHIND; steps += 1) {
        advanced += this.step(now);
        this.nextStepAt += this.intervalMs;
      }
      if (this.nextStepAt <= now) this.nextStepAt = now + this.intervalMs;
    }
    if (this.stopped || this.frozen !== undefined) return;
    if (this.running.size === 0) {
      this.ticking = false;
    } else if (this.intervalMs === 0 && advanced > 0) {
      this.immediate = setImmediate(() => this.tick());
    } else {
      this.timer = setTimeout(() => this.tick(), Math.max(1, this.nextStepAt - performance.now()));
    }
  }

  /** @returns how many sequences got a token */
  private step(now: number): number {
    let advanced = 0;
    for (const slot of this.running) {
      if (slot.notBefore > now || slot.sequence.isHeld()) continue;
      const [fault] = slot.faults;
      if (fault !== undefined && slot.tokens >= fault.after && !this.strike(slot, fault.kind, now)) {
        if (this.stopped || this.frozen !== undefined) return advanced;
        continue;
      }
      this.advance(slot, now);
      advanced += 1;
    }
    return advanced;
  }

  private advance(slot: Slot, now: number): void {
    const reason = slot.sequence.advance();
    if (slot.sequence.generates) {
      if (slot.tokens === 0) {
        slot.firstTokenAt = now;
        this.metrics.firstToken((now - slot.arrivedAt) / 1000, (now - slot.startedAt) / 1000);
      } else {
        this.metrics.nextToken((now - slot.lastTokenAt) / 1000);
      }
      slot.lastTokenAt = now;
      slot.tokens += 1;
      if (slot.intervalMs > 0) slot.notBefore = now + slot.intervalMs;
    }
    if (reason !== undefined) this.end(slot, reason, now);
  }

  /** @returns whether the sequence goes on in this step */
  private strike(slot: Slot, kind: FaultKind, now: number): boolean {
    slot.faults.shift();
    this.settings.struck(kind);
    switch (kind) {
      case 'slow':
        slot.intervalMs = SLOW_INTERVAL_MS;
        return true;
      case 'hang':
        this.frozen = this.gauges();
        return false;
      case 'crash':
        this.stop();
        this.settings.crash();
        return false;
      case 'malformed':
        slot.sequence.struck(kind);
        return this.slots.has(slot.sequence);
      case 'error-midstream':
      case 'disconnect':
        this.end(slot, 'error', now);
        slot.sequence.struck(kind);
        return false;
      case '503':
        return true;
    }
  }

  private end(slot: Slot, reason: FinishReason, now: number): void {
    this.slots.delete(slot.sequence);
    const wasRunning = this.running.delete(slot);
    this.waiting.delete(slot);
    this.metrics.ended(reason, (now - slot.arrivedAt) / 1000, (slot.lastTokenAt - slot.firstTokenAt) / 1000);
    if (wasRunning) this.admit(now);
  }
}
