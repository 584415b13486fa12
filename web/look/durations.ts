// Times in words: how long, how long ago, at what hour.

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const pair = (ms: number, large: number, largeUnit: string, small: number, smallUnit: string): string => {
  const smalls = Math.floor(ms / small);
  const rest = smalls % (large / small);
  const whole = Math.floor((smalls * small) / large);
  return rest === 0 ? `${whole} ${largeUnit}` : `${whole} ${largeUnit} ${rest} ${smallUnit}`;
};

/** `12 ms`, `1.2 s`, `3 min 4 s`, `2 h 5 min`, `4 d 3 h`. @param ms milliseconds; what is below 0 counts as 0 */
export const duration = (ms: number): string => {
  const whole = Math.max(0, Math.round(ms));
  if (whole < SECOND) return `${whole} ms`;
  if (whole < 9_950) return `${(whole / SECOND).toFixed(1)} s`;
  if (whole < MINUTE) return `${Math.round(whole / SECOND)} s`;
  if (whole < HOUR) return pair(whole, MINUTE, 'min', SECOND, 's');
  if (whole < DAY) return pair(whole, HOUR, 'h', MINUTE, 'min');
  return pair(whole, DAY, 'd', HOUR, 'h');
};

/** `now`, `5 s ago`, `3 min ago`, `2 h ago`, `4 d ago`. @param atMs by the same clock as `nowMs` */
export const ago = (atMs: number, nowMs: number): string => {
  const ms = nowMs - atMs;
  if (ms < SECOND) return 'now';
  if (ms < 2 * MINUTE) return `${Math.floor(ms / SECOND)} s ago`;
  if (ms < 2 * HOUR) return `${Math.floor(ms / MINUTE)} min ago`;
  if (ms < 2 * DAY) return `${Math.floor(ms / HOUR)} h ago`;
  return `${Math.floor(ms / DAY)} d ago`;
};

/** `in 5 s`, `in 3 min`; `now` once it is due. */
export const ahead = (atMs: number, nowMs: number): string => {
  const ms = atMs - nowMs;
  if (ms <= 0) return 'now';
  if (ms < 2 * MINUTE) return `in ${Math.ceil(ms / SECOND)} s`;
  return ms < 2 * HOUR ? `in ${Math.ceil(ms / MINUTE)} min` : `in ${Math.ceil(ms / HOUR)} h`;
};

const two = (value: number): string => String(value).padStart(2, '0');

/** `10:42:07` in the reader's own time zone. */
export const clockTime = (atMs: number): string => {
  const at = new Date(atMs);
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
};

/** `10:42` today, `2026-11-23 10:42` on any other day; in the reader's own time zone. */
export const dayTime = (atMs: number, nowMs: number): string => {
  const at = new Date(atMs);
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
  return at.toDateString() === new Date(nowMs).toDateString()
    ? time
    : `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${time}`;
};
