// How long an order holds, in the words of a command line: `--for 2h`, or `--until 2026-11-23T18:00`.
import { InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { LONGEST_ORDER_MS } from '../../console/order-view.js';

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 24 * 3_600_000 } as const;

const duration = z
  .string()
  .regex(/^[1-9][0-9]{0,8}[smhd]$/)
  .transform((text) => Number(text.slice(0, -1)) * UNIT_MS[text.slice(-1) as keyof typeof UNIT_MS])
  .pipe(z.number().max(LONGEST_ORDER_MS));

const moment = z.iso
  .datetime({ offset: true, local: true })
  .transform((text) => Date.parse(text))
  .pipe(z.number().int().min(0));

/** @returns milliseconds */
export const durationOption = (text: string): number => {
  const parsed = duration.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError('a number and a unit are expected, up to 366 days: 90s, 30m, 2h or 1d.');
};

/** @returns epoch milliseconds; without an offset it is the local time of this machine */
export const momentOption = (text: string): number => {
  const parsed = moment.safeParse(text);
  if (!parsed.success) {
    throw new InvalidArgumentError(
      'an ISO 8601 time is expected: 2026-11-23T18:00 (local) or 2026-11-23T18:00:00Z.',
    );
  }
  if (parsed.data > Date.now()) return parsed.data;
  throw new InvalidArgumentError('the time has passed already.');
};

const two = (number: number): string => String(number).padStart(2, '0');

/** Local time, with the day where it is another than today: `10:42`, `2026-11-24 10:42`. */
export const localTime = (ms: number, nowMs: number): string => {
  const [at, now] = [new Date(ms), new Date(nowMs)];
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
  if (at.toDateString() === now.toDateString()) return time;
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${time}`;
};
