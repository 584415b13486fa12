// Points in time for tables in which many rows fall into one minute.
import { clockTime, dayTime } from '../../look/durations.js';

/** `10:42:07` today, `2026-11-23 10:42` on any other day; in the reader's own time zone. */
export const moment = (atMs: number, nowMs: number): string =>
  new Date(atMs).toDateString() === new Date(nowMs).toDateString() ? clockTime(atMs) : dayTime(atMs, nowMs);
