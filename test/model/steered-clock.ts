// A clock that stands still until it is told to move, or to fire one timer out of turn: delays are configuration,
// so a model walk must not depend on which of two happens to be shorter.
import type { ActorOptions, AnyActorLogic } from 'xstate';

export interface PendingTimer {
  /** Type of the event that the timer will deliver, for example `xstate.after.redialDelay.link.waiting`. */
  readonly eventType: string;
  /** Milliseconds from the clock's zero. */
  readonly dueMs: number;
  readonly delayMs: number;
}

interface Entry extends PendingTimer {
  readonly run: () => void;
}

/** The part of an actor system that says which event each timer was set for. */
export interface Schedule {
  readonly _scheduledEvents: Record<string, { readonly event: { readonly type: string } }>;
}

type Clock = NonNullable<ActorOptions<AnyActorLogic>['clock']>;

export class SteeredClock implements Clock {
  #nowMs = 0;
  #nextId = 0;
  readonly #entries = new Map<number, Entry>();
  readonly #known = new WeakSet<object>();
  #schedule: (() => Schedule) | undefined;

  /** Tells the clock where to look up what a timer is for; call before the actor starts. */
  attach(schedule: () => Schedule): void {
    this.#schedule = schedule;
  }

  setTimeout(run: (...args: unknown[]) => void, delayMs: number): number {
    const id = this.#nextId++;
    // XState files the scheduled event just before it sets the timer: the one not seen yet is this timer's.
    const filed = Object.values(this.#schedule?.()._scheduledEvents ?? {}).find(
      (entry) => !this.#known.has(entry),
    );
    if (filed) this.#known.add(filed);
    this.#entries.set(id, {
      run,
      eventType: filed?.event.type ?? '(unknown)',
      delayMs,
      dueMs: this.#nowMs + delayMs,
    });
    return id;
  }

  clearTimeout(id: number): void {
    this.#entries.delete(id);
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Timers that wait, soonest first. */
  pending(): PendingTimer[] {
    return this.#inOrder().map(([, { eventType, dueMs, delayMs }]) => ({ eventType, dueMs, delayMs }));
  }

  /**
   * Fires the timer set for an event now, whatever others wait; time itself does not move.
   * @throws Error no such timer waits
   */
  fire(eventType: string): void {
    const found = this.#inOrder().find(([, entry]) => entry.eventType === eventType);
    if (!found) {
      const waiting = this.pending().map((timer) => timer.eventType);
      throw new Error(`no timer waits to send ${eventType}; waiting: ${waiting.join(', ') || 'none'}`);
    }
    this.#entries.delete(found[0]);
    found[1].run();
  }

  /** Moves time on, firing what falls due on the way in its order. */
  increment(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (let next = this.#inOrder()[0]; next && next[1].dueMs <= untilMs; next = this.#inOrder()[0]) {
      this.#entries.delete(next[0]);
      this.#nowMs = Math.max(this.#nowMs, next[1].dueMs);
      next[1].run();
    }
    this.#nowMs = untilMs;
  }

  #inOrder(): [number, Entry][] {
    return [...this.#entries].sort(([a, first], [b, second]) => first.dueMs - second.dueMs || a - b);
  }
}
