// How long a Runtime that failed is left alone, and when it is given up: on a clock the test moves, with a real record.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRuntimeHistory } from '../../src/adapters/state/runtime-history.js';
import { StateWriteError } from '../../src/adapters/state/state-errors.js';
import type { Failure } from '../../src/errors.js';
import { createFailureJudge, createPatientJudge } from '../../src/services/judge-failures.js';
import { recordingLogger } from '../adapters/runtime/specs.js';
import { memoryHistory } from './runtime-rig.js';

const MINUTE = 60_000;
const failure: Failure = { code: 'RUNTIME_EXITED', message: 'it ended', retryable: true };
const final: Failure = {
  code: 'RUNTIME_MISMATCH',
  message: 'other models',
  retryable: false,
  advice: 'Rename.',
};
const outage: Failure = { code: 'IMAGE_UNAVAILABLE', message: 'no registry', retryable: true };

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'failures-'));
});
afterEach(() => rm(directory, { recursive: true }));

const world = (history = memoryHistory(), random = 0.5) => {
  const clock = { ms: 1_700_000_000_000, nowMs: () => clock.ms, monotonicMs: () => clock.ms };
  const { logger, lines } = recordingLogger();
  const judge = createFailureJudge({ history, clock, random: () => random, logger });
  return { clock, judge, lines, history };
};

test('waits 0, 5, 15, 60 and 300 seconds where failures are far apart', async () => {
  const { clock, judge } = world();
  const waits: number[] = [];
  for (let time = 0; time < 6; time++) {
    const { waitMs, isQuarantined, failures } = await judge.record('a', failure);
    expect([isQuarantined, failures]).toEqual([false, time + 1]);
    waits.push(waitMs);
    clock.ms += 10 * MINUTE;
  }
  expect(waits).toEqual([0, 5_000, 15_000, 60_000, 300_000, 300_000]);
});

test('a pause is a fifth longer or shorter by chance', async () => {
  for (const [random, waitMs] of [
    [0, 4_000],
    [0.999_999, 6_000],
  ] as const) {
    const { judge } = world(memoryHistory(), random);
    await judge.record('a', failure);
    expect((await judge.record('a', failure)).waitMs).toBe(waitMs);
  }
});

test('an image that cannot be had now is waited for; another image under its digest is final', async () => {
  const { judge } = world();
  for (let time = 0; time < 6; time++) {
    expect(await judge.record('a', outage)).toMatchObject({ isQuarantined: false, failures: 0 });
  }
  expect(await judge.record('a', { ...outage, retryable: false })).toMatchObject({
    isQuarantined: true,
    failures: 1,
  });
});

test('five failures in half an hour are too many; one half an hour ago is no longer among them', async () => {
  const { clock, judge } = world();
  await judge.record('a', failure);
  clock.ms += 30 * MINUTE + 1;
  for (let time = 0; time < 4; time++) expect((await judge.record('a', failure)).isQuarantined).toBe(false);
  expect(await judge.record('a', failure)).toMatchObject({ isQuarantined: true, waitMs: 0, retryAtMs: null });
});

test('one failure that cannot mend is enough; a fault of our own is none of these', async () => {
  const { judge, lines } = world();
  expect((await judge.record('a', { ...final, code: 'INTERNAL' })).isQuarantined).toBe(false);
  expect(await judge.record('b', final)).toMatchObject({ isQuarantined: true, failure: final });
  expect(lines.map(({ event, code, advice }) => ({ event, code, advice }))).toEqual([
    { event: 'runtime.failed', code: 'INTERNAL', advice: 'Rename.' },
    { event: 'runtime.quarantined', code: 'RUNTIME_MISMATCH', advice: 'Rename.' },
  ]);
});

test('what a Runtime needs and cannot help is waited for as long as it takes', async () => {
  const { clock, judge } = world();
  for (let time = 0; time < 20; time++) {
    const judgement = await judge.record('a', outage);
    expect(judgement).toMatchObject({ isQuarantined: false, failures: 0 });
    clock.ms += judgement.waitMs;
  }
  expect((await judge.record('a', outage)).waitMs).toBe(300_000);
});

test('failures of one spec say nothing about another', async () => {
  const { judge } = world();
  await judge.record('a', final);
  expect(judge.recall('b')).toEqual({
    failures: 0,
    isQuarantined: false,
    waitMs: 0,
    retryAtMs: null,
    failure: null,
  });
});

test('pause and quarantine outlast the Agent', async () => {
  const { store } = await openRuntimeHistory(directory);
  const before = world(store);
  await before.judge.record('a', failure);
  await before.judge.record('a', failure);
  await before.judge.record('b', final);

  const { store: again, recovered } = await openRuntimeHistory(directory);
  const after = world(again);
  after.clock.ms += 1_500;
  expect(recovered).toBe('whole');
  expect(after.judge.recall('a')).toEqual({
    failures: 2,
    isQuarantined: false,
    waitMs: 3_500,
    retryAtMs: after.clock.ms + 3_500,
    failure,
  });
  expect(after.judge.recall('b')).toMatchObject({ isQuarantined: true, failure: final });
  after.clock.ms += 30 * MINUTE;
  expect(after.judge.recall('b')).toMatchObject({ isQuarantined: false });
});

test('what is forgotten is forgotten on disk, one spec or all', async () => {
  const { store } = await openRuntimeHistory(directory);
  const { judge } = world(store);
  await judge.record('a', final);
  await judge.record('b', final);
  await judge.forget('a');
  expect((await openRuntimeHistory(directory)).store.data.failures).toMatchObject([{ spec_hash: 'b' }]);
  await judge.forget();
  expect((await openRuntimeHistory(directory)).store.data.failures).toEqual([]);
});

test('a record that is corrupt begins anew, and the bytes are kept', async () => {
  await writeFile(join(directory, 'failures.json'), '{"version":1');
  const { store, recovered } = await openRuntimeHistory(directory);
  expect([store.data, recovered]).toEqual([{ failures: [] }, 'quarantined']);
});

test('a failure that cannot be written counts all the same, and that is told', async () => {
  const history = memoryHistory();
  history.update = async () => {
    throw new StateWriteError('the disk is full');
  };
  const { judge, lines } = world(history);
  await judge.record('a', failure);
  expect(await judge.record('a', failure)).toMatchObject({ failures: 2, waitMs: 5_000 });
  expect(lines.map(({ event }) => event)).toContain('runtime.history_unwritten');
});

test('a clock that was set neither prolongs a pause nor keeps a quarantine', async () => {
  const { clock, judge } = world();
  await judge.record('a', failure);
  await judge.record('a', failure);
  await judge.record('b', final);
  clock.ms -= 365 * 24 * 60 * MINUTE;
  expect(judge.recall('a').waitMs).toBe(360_000);
  expect(judge.recall('b').isQuarantined).toBe(false);
});

test('the record does not grow for ever', async () => {
  const { clock, judge, history } = world();
  for (let time = 0; time < 100; time++) await judge.record(`spec-${time}`, failure);
  expect(history.data.failures).toHaveLength(64);
  clock.ms += 24 * 60 * MINUTE + 1;
  await judge.record('a', failure);
  expect(history.data.failures).toHaveLength(1);
});

test('an engine that somebody else starts is looked for for ever, and its trouble told once per kind', async () => {
  const { clock, lines } = world();
  const { logger, lines: told } = recordingLogger();
  const judge = createPatientJudge(2_000, { clock, logger });
  for (let time = 0; time < 10; time++) {
    expect(await judge.record('a', final)).toMatchObject({
      isQuarantined: false,
      waitMs: 2_000,
      failure: final,
    });
  }
  await judge.record('a', failure);
  expect(told.map(({ code }) => code)).toEqual(['RUNTIME_MISMATCH', 'RUNTIME_EXITED']);
  expect([lines, judge.recall('a').isQuarantined]).toEqual([[], false]);
});
