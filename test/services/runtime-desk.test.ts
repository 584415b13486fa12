// Two networks at the desk of one Runtime, with its real chart and an engine that a test plays.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createActor, fromCallback, fromPromise } from 'xstate';
import { MemoryDriver } from '../../src/adapters/runtime/memory-driver.js';
import type { RuntimeSpec } from '../../src/adapters/runtime/runtime-driver.js';
import type { Judgement } from '../../src/machines/runtime/runtime-events.js';
import { runtimeMachine } from '../../src/machines/runtime-machine.js';
import { createRuntimeControl } from '../../src/services/runtime-control.js';
import { createRuntimeDesk } from '../../src/services/runtime-desk.js';
import type { RuntimeSeat } from '../../src/services/runtime-seat.js';
import { modelOf, spec } from '../adapters/runtime/specs.js';

const PATIENCE_MS = 5_000;
const CLEAN: Judgement = { failures: 0, isQuarantined: false, waitMs: 0, retryAtMs: null, failure: null };
const BROKEN = { code: 'RUNTIME_EXITED', message: 'it ended', retryable: false };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const wish = (letter: string, change: Partial<RuntimeSpec> = {}): RuntimeSpec =>
  spec({
    specHash: `${letter}${change.maxConcurrent ?? ''}`,
    models: [modelOf('m', { digest: digest(letter) })],
    origin: { network: 'elsewhere', configDigest: digest('f') },
    ...change,
  });

const desk = () => {
  const control = createRuntimeControl(new MemoryDriver(), () => {
    throw new Error('nothing is connected to here');
  });
  const broken = new Set<string>();
  const starts: string[] = [];
  const resized: number[] = [];
  const done = fromPromise<void, { specHash: string }>(async () => undefined);
  const runtime = createActor(
    runtimeMachine.provide({
      actors: {
        recallFailures: fromPromise<Judgement, { specHash: string }>(async ({ input: { specHash } }) =>
          broken.has(specHash) ? { ...CLEAN, isQuarantined: true, failures: 5, failure: BROKEN } : CLEAN,
        ),
        forgetFailures: fromPromise<void, undefined>(async () => undefined),
        prepareRuntime: done,
        prepareNext: done,
        startRuntime: fromPromise<void, { specHash: string }>(async ({ input }) => {
          starts.push(input.specHash);
        }),
        warmRuntime: done,
        watchRuntime: fromCallback(() => undefined),
        stopRuntime: fromPromise<void, undefined>(async () => undefined),
      },
    }),
  ).start();
  const made = createRuntimeDesk({
    runtime,
    control,
    names: [() => 'mainnet', () => 'testnet'],
    resize: (slots) => void resized.push(slots),
    patienceMs: PATIENCE_MS,
  });
  const [main, test] = made.seats as [RuntimeSeat, RuntimeSeat];
  const settle = () => vi.advanceTimersByTimeAsync(0);
  return { ...made, runtime, control, main, test, starts, resized, broken, settle };
};

const TAKEN = {
  code: 'RUNTIME_TAKEN',
  message: 'the Runtime serves mainnet: your order prefers it',
  retryable: true,
  advice: expect.stringContaining('name it first') as string,
};

test('one start serves both who ask for the same; the bounds are the preferred one’s', async () => {
  const { main, test: other, starts, resized, settle } = desk();
  main.want(wish('a', { maxConcurrent: 4 }));
  other.want(wish('a', { maxConcurrent: 8 }));
  await settle();
  expect(starts).toEqual(['a4']);
  expect(resized).toEqual([4]);
  for (const seat of [main, other]) {
    expect(seat.view()).toEqual({
      served: [digest('a')],
      givenUp: undefined,
      taken: undefined,
      hasRuntime: true,
      holder: 'mainnet',
    });
    expect(seat.mayUse(digest('a'))).toBe(true);
    expect(seat.mayUse(digest('b'))).toBe(false);
  }
});

test('the preferred one has it, the other hears why, and gets it when the first wants nothing more', async () => {
  const { main, test: other, starts, settle } = desk();
  main.want(wish('a'));
  other.want(wish('b'));
  await settle();
  expect(starts).toEqual(['a']);
  expect(other.view()).toEqual({
    served: undefined,
    givenUp: undefined,
    taken: TAKEN,
    hasRuntime: false,
    holder: 'mainnet',
  });
  expect(other.mayUse(digest('a'))).toBe(false);
  main.want(undefined);
  await settle();
  expect(starts).toEqual(['a', 'b']);
  expect(other.view()).toMatchObject({ served: [digest('b')], taken: undefined, holder: 'testnet' });
  expect(main.view()).toMatchObject({ served: undefined, taken: undefined, hasRuntime: false });
});

test('it is stopped only when nobody wants it, and once every network’s jobs are done', async () => {
  const { main, test: other, runtime, starts, settle } = desk();
  main.want(wish('a'));
  other.want(wish('a'));
  await settle();
  other.rest(false);
  main.want(undefined);
  await settle();
  expect([runtime.getSnapshot().value, starts]).toEqual([{ live: { ready: 'settled' } }, ['a']]);
  other.want(undefined);
  await settle();
  main.rest(true);
  expect(runtime.getSnapshot().value).toEqual({ live: 'draining' });
  expect(other.mayUse(digest('a'))).toBe(true);
  other.rest(true);
  await settle();
  expect(runtime.getSnapshot().value).toBe('absent');
});

test('a network served by the engine that is up keeps it while another is prepared for the preferred one', async () => {
  const { main, test: other, runtime, settle } = desk();
  main.want(wish('a'));
  other.want(wish('a'));
  await settle();
  other.rest(false);
  main.want(wish('b'));
  await settle();
  expect(runtime.getSnapshot().value).toEqual({ live: 'draining' });
  expect(other.view()).toMatchObject({ hasRuntime: true, taken: undefined });
  expect(other.mayUse(digest('a'))).toBe(true);
  other.rest(true);
  await settle();
  expect(main.view().served).toEqual([digest('b')]);
  expect(other.view()).toMatchObject({ served: undefined, taken: TAKEN });
  expect(other.mayUse(digest('b'))).toBe(false);
});

test('a start waits a little for what the preferred network wants, and not for ever', async () => {
  const { main, test: other, starts, settle } = desk();
  other.want(wish('b'));
  await vi.advanceTimersByTimeAsync(PATIENCE_MS - 1);
  expect(starts).toEqual([]);
  main.want(wish('a'));
  await settle();
  expect(starts).toEqual(['a']);

  const late = desk();
  late.test.want(wish('b'));
  await vi.advanceTimersByTimeAsync(PATIENCE_MS);
  expect(late.starts).toEqual(['b']);
  const gone = desk();
  gone.test.want(wish('b'));
  gone.main.leave();
  await gone.settle();
  expect(gone.starts).toEqual(['b']);
});

test('what is given up for the preferred network leaves the Runtime to the next, until its owner has mended it', async () => {
  const { main, test: other, starts, broken, settle, hasHopeless, forgive } = desk();
  broken.add('a');
  main.want(wish('a'));
  await settle();
  expect(main.view().givenUp).toMatchObject({ models: [digest('a')], failure: BROKEN });
  expect(hasHopeless()).toBe(false);
  other.want(wish('b'));
  await settle();
  expect(starts).toEqual(['b']);
  expect(main.view()).toMatchObject({
    givenUp: { models: [digest('a')], failure: BROKEN },
    taken: undefined,
    hasRuntime: false,
    holder: 'testnet',
  });
  expect(other.view().served).toEqual([digest('b')]);
  expect(hasHopeless()).toBe(true);
  broken.clear();
  forgive();
  await settle();
  expect(starts).toEqual(['b', 'a']);
  expect(main.view().served).toEqual([digest('a')]);
  expect(other.view().taken).toEqual(TAKEN);
});

test('a network is never served by what only another one wanted, though it is what the Runtime goes back to', async () => {
  const { main, test: other, starts, broken, settle } = desk();
  broken.add('bx');
  main.want(undefined);
  other.want(wish('b'));
  await settle();
  const seen: unknown[] = [];
  main.follow(() => void seen.push(main.view().served));
  // The same content, by other flags, which do not work.
  main.want(wish('b', { specHash: 'bx', flags: { x: '1' } }));
  await settle();
  expect(starts).toEqual(['b', 'b']);
  expect(main.view()).toMatchObject({
    served: undefined,
    givenUp: { models: [digest('b')], kept: [], failure: BROKEN },
    hasRuntime: false,
    holder: 'testnet',
  });
  expect(seen.every((served) => served === undefined)).toBe(true);
  expect(main.mayUse(digest('b'))).toBe(false);
  expect(other.view()).toMatchObject({ served: [digest('b')], givenUp: undefined, holder: 'testnet' });
});

test('once the daemon ends nothing else is started', async () => {
  const { main, test: other, starts, runtime, close, settle } = desk();
  main.want(wish('a'));
  other.want(wish('b'));
  await settle();
  close();
  main.leave();
  await settle();
  expect([starts, runtime.getSnapshot().value]).toEqual([['a'], { live: { ready: 'settled' } }]);
});

test('of a hundred configurations only what the Runtime may go back to is kept in mind', async () => {
  const { main, test: other, control, settle } = desk();
  other.want(wish('a'));
  for (let version = 0; version < 100; version++) {
    main.want(wish('b', { specHash: `b${version}`, flags: { version: `${version}` } }));
    await settle();
    expect(control.specs.size).toBeLessThanOrEqual(3);
  }
  expect(main.view().served).toEqual([digest('b')]);
});

test('what a network wanted long ago does not serve it when another one wants it', async () => {
  const { main, test: other, settle } = desk();
  for (const letter of ['a', 'b', 'c']) {
    main.want(wish(letter));
    await settle();
  }
  main.want(undefined);
  other.want(wish('a'));
  await settle();
  expect(other.mayUse(digest('a'))).toBe(true);
  expect(main.mayUse(digest('a'))).toBe(false);
});
