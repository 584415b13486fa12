// Many deadlines, one timer: set for the nearest, never for the rest. A binary heap; a deadline that was moved or
// cleared stays in it until its turn, or until such entries are the most, and is skipped then.
import type { Clock, Timers } from './timing.js';

export interface Deadlines {
  /** Sets or moves. */
  set(key: string, atMs: number): void;
  clear(key: string): void;
  has(key: string): boolean;
  /** Forgets all, takes no more and calls back no more. */
  close(): void;
}

interface Entry {
  readonly key: string;
  readonly atMs: number;
}

/** setTimeout overflows beyond 2^31−1 ms. */
const MAX_WAIT_MS = 2_147_483_647;
/** Stale entries put up with, beyond as many as are in force. */
const STALE_SLACK = 1024;

export const createDeadlines = (deps: {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly onDue: (key: string) => void;
}): Deadlines => {
  const { clock, timers, onDue } = deps;
  const inForce = new Map<string, number>();
  const heap: Entry[] = [];
  let cancelTimer: (() => void) | undefined;
  let timerAtMs = Number.POSITIVE_INFINITY;
  let isClosed = false;

  const isStale = (entry: Entry): boolean => inForce.get(entry.key) !== entry.atMs;

  const nearest = (): Entry | undefined => {
    for (;;) {
      const top = heap[0];
      if (top === undefined || !isStale(top)) return top;
      popTop(heap);
    }
  };

  const compact = (): void => {
    for (const entry of heap.splice(0)) if (!isStale(entry)) push(heap, entry);
  };

  const arm = (): void => {
    const atMs = nearest()?.atMs ?? Number.POSITIVE_INFINITY;
    if (atMs === timerAtMs) return;
    cancelTimer?.();
    cancelTimer = undefined;
    timerAtMs = atMs;
    if (atMs === Number.POSITIVE_INFINITY) return;
    cancelTimer = timers.set(Math.min(Math.max(0, atMs - clock.nowMs()), MAX_WAIT_MS), fire);
  };

  const fire = (): void => {
    cancelTimer = undefined;
    timerAtMs = Number.POSITIVE_INFINITY;
    const nowMs = clock.nowMs();
    const due: string[] = [];
    for (let top = nearest(); top !== undefined && top.atMs <= nowMs; top = nearest()) {
      inForce.delete(top.key);
      due.push(top.key);
    }
    for (const key of due) onDue(key);
    arm();
  };

  return {
    set: (key, atMs) => {
      if (isClosed || inForce.get(key) === atMs) return;
      inForce.set(key, atMs);
      push(heap, { key, atMs });
      if (heap.length > STALE_SLACK + 2 * inForce.size) compact();
      arm();
    },
    clear: (key) => {
      if (inForce.delete(key)) arm();
    },
    has: (key) => inForce.has(key),
    close: () => {
      isClosed = true;
      inForce.clear();
      heap.length = 0;
      arm();
    },
  };
};

const push = (heap: Entry[], entry: Entry): void => {
  heap.push(entry);
  let at = heap.length - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || above.atMs <= entry.atMs) break;
    heap[at] = above;
    heap[parent] = entry;
    at = parent;
  }
};

const popTop = (heap: Entry[]): void => {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  heap[0] = last;
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    const right = left + 1;
    const smaller = (heap[right]?.atMs ?? Number.POSITIVE_INFINITY) < (heap[left]?.atMs ?? 0) ? right : left;
    const child = heap[smaller];
    if (child === undefined || child.atMs >= last.atMs) return;
    heap[at] = child;
    heap[smaller] = last;
    at = smaller;
  }
};
