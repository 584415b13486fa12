// The runner: every check within its own time, none able to spoil another.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ALL_CHECKS } from '../../src/doctor/all-checks.js';
import type { Check } from '../../src/doctor/check.js';
import { ok, SkipCheck } from '../../src/doctor/finding.js';
import { doctorReport, reportOf } from '../../src/doctor/report.js';
import { runChecks } from '../../src/doctor/run-checks.js';
import { NodeError } from '../../src/errors.js';
import { subjectOf } from './subject.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

class BrokenError extends NodeError {
  readonly code = 'BROKEN';
  readonly retryable = false;
}

const check = (id: string, look: Check['look'], more: Partial<Check> = {}): Check => ({
  id,
  about: '',
  look,
  ...more,
});
const never = (): Promise<never> => new Promise(() => {});
const idle = new AbortController().signal;

test('one that breaks, one that does not fit and one that is well stand beside each other', async () => {
  const checks = [
    check('well', () => ok('seen')),
    check('unfit', () => {
      throw new SkipCheck('not here');
    }),
    check('broken', async () => {
      throw new BrokenError('it broke', { advice: 'Mend it.' });
    }),
    check('faulty', () => {
      throw new TypeError('x is not a function');
    }),
  ];
  const results = await runChecks(checks, subjectOf(), idle);
  expect(results.map(({ id, outcome, evidence, remedy }) => ({ id, outcome, evidence, remedy }))).toEqual([
    { id: 'well', outcome: 'ok', evidence: 'seen', remedy: undefined },
    { id: 'unfit', outcome: 'skipped', evidence: 'not here', remedy: undefined },
    { id: 'broken', outcome: 'failure', evidence: 'it broke', remedy: 'Mend it.' },
    {
      id: 'faulty',
      outcome: 'failure',
      evidence: 'this could not be looked at: x is not a function',
      remedy: 'Report this as a fault of the doctor.',
    },
  ]);
  expect(doctorReport.parse(reportOf('1.2.3', results))).toMatchObject({
    healthy: false,
    counts: { ok: 1, warning: 0, failure: 2, skipped: 1 },
  });
});

test('one that hangs fails when its time is over, with its own remedy, and is told to stop', async () => {
  let stopped: AbortSignal | undefined;
  const hanging = check(
    'hanging',
    (_, signal) => {
      stopped = signal;
      return never();
    },
    { limitMs: 2_000, ifSlow: 'Look at it.' },
  );
  const waited: string[][] = [];
  const running = runChecks([hanging, check('well', () => ok('seen'))], subjectOf(), idle, (ids) =>
    waited.push([...ids]),
  );
  await vi.advanceTimersByTimeAsync(1_999);
  expect(stopped?.aborted).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  const [result] = await running;
  expect(result).toMatchObject({
    outcome: 'failure',
    evidence: 'no answer within 2 s',
    remedy: 'Look at it.',
  });
  expect(stopped?.aborted).toBe(true);
  expect(waited).toEqual([['hanging', 'well'], ['hanging'], []]);
});

test('an interruption ends the wait; what was found by then is kept', async () => {
  const stop = new AbortController();
  const running = runChecks(
    [check('hanging', never), check('well', () => ok('seen'))],
    subjectOf(),
    stop.signal,
  );
  await vi.advanceTimersByTimeAsync(1);
  stop.abort();
  expect((await running).map(({ outcome }) => outcome)).toEqual(['skipped', 'ok']);
});

test('without usable settings everything that rests on them is skipped, and one check says why', async () => {
  const results = await runChecks(ALL_CHECKS, subjectOf({ flags: { runtimeSlots: 'zero' } }), idle);
  const failed = results.filter(({ outcome }) => outcome === 'failure');
  expect(failed.map(({ id, evidence }) => ({ id, evidence }))).toEqual([
    {
      id: 'settings.valid',
      evidence: expect.stringContaining('runtime.slots (flag --runtime-slots): "zero" is not accepted'),
    },
  ]);
  const looked = results.filter(({ outcome }) => outcome === 'ok').map(({ id }) => id);
  expect(looked).toEqual(['node.version', 'system.open-files']);
});

test('every check has an id of its own and says what it looks at', () => {
  expect(new Set(ALL_CHECKS.map(({ id }) => id)).size).toBe(ALL_CHECKS.length);
  for (const { id, about } of ALL_CHECKS) {
    expect(id).toMatch(/^[a-z]+\.[a-z-]+$/);
    expect(about).toMatch(/\.$/);
  }
});
