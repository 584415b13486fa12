// A recording is what each statechart was told and where it stood; played back it comes to the same, or says where not.
import { expect, test } from 'vitest';
import { assign, createActor, fromPromise, setup } from 'xstate';
import { type Failure, NodeError, toFailure } from '../../src/errors.js';
import type { RecordingLine } from '../../src/replay/recording-lines.js';
import { watchMachines } from '../../src/replay/watch-machines.js';
import { mutate } from '../model/mutate.js';
import { courierMachine, REFUSED } from '../model/samples/courier-machine.js';
import { headerOf, recordLife, replay } from './recorded-life.js';

const EVENTS = [
  { type: 'line.opened' },
  { type: 'line.greeted' },
  { type: 'parcel.given', fragile: true },
  { type: 'nobody.knows', this: 'one' },
  { type: 'line.closed', code: 1006 },
  { type: 'courier.paused' },
  { type: 'courier.resumed' },
  { type: 'line.closed', code: REFUSED },
  { type: 'courier.stop' },
];
const life = recordLife(courierMachine, { resumes: false }, EVENTS);

test('a life played back is the same', async () => {
  const outcome = await replay(life, courierMachine);
  expect(outcome).toMatchObject({ actors: 1, difference: null, otherCharts: [], ended: null, isTorn: false });
  expect(outcome.lines).toBe(life.length);
  expect(outcome.events).toBeGreaterThanOrEqual(EVENTS.length);
});

test('a machine that goes elsewhere is stopped at the event that shows it', async () => {
  const mutant = mutate(courierMachine, {
    fault: 'a broken line is given up',
    at: ['states', 'line', 'states', 'held', 'on', 'line.closed'],
    change: ([, otherwise]: readonly object[]) => ({ ...otherwise, target: 'refused' }),
  });
  const { difference, otherCharts } = await replay(life, mutant);
  expect(otherCharts).toEqual(['courier']);
  expect(difference).toMatchObject({ machine: 'courier', event: 'line.closed' });
  expect(difference?.deviations[0]).toMatchObject({ what: 'state' });
  expect(JSON.parse(life[(difference?.line ?? 0) - 1] ?? '')).toMatchObject({
    event: { type: 'line.closed' },
  });
});

test('a machine that notes something else in its context is stopped too, by the name of the member', async () => {
  const other = courierMachine.provide({
    actions: { countFailure: assign({ failures: ({ context }) => context.failures + 2 }) },
  });
  const { difference } = await replay(life, other);
  expect(difference?.deviations).toEqual([{ what: 'context.failures', recorded: 1, replayed: 2 }]);
});

test('a machine that dies of an event is a difference', async () => {
  const other = courierMachine.provide({
    guards: {
      isRefused: () => {
        throw new Error('no such thing');
      },
    },
  });
  const { difference } = await replay(life, other);
  expect(difference).toMatchObject({ event: 'line.closed' });
  expect(difference?.error).toContain('no such thing');
});

test('stops after the line it is told', async () => {
  const outcome = await replay(life, courierMachine, { until: 4 });
  expect(outcome).toMatchObject({ lines: 4, events: 2, difference: null });
});

test('plays one statechart alone', async () => {
  expect(await replay(life, courierMachine, { actor: 'nobody' })).toMatchObject({ actors: 0, events: 0 });
  expect(await replay(life, courierMachine, { actor: 'courier' })).toMatchObject({ actors: 1 });
});

test('a last line that is not whole is left out', async () => {
  const torn = [...life.slice(0, -1), life.at(-1)?.slice(0, 20) ?? ''];
  expect(await replay(torn, courierMachine)).toMatchObject({
    isTorn: true,
    difference: null,
    lines: life.length - 1,
  });
});

test.each([
  ['is empty', [], /the file is empty/],
  ['is of another kind', ['{"hello":1}', ''], /line 1: this is no recording/],
  ['is no JSON', ['PK', ''], /line 1: this is no recording/],
  [
    'has another form',
    [headerOf(courierMachine).replace('"schemaVersion":1', '"schemaVersion":2'), ''],
    /form 2/,
  ],
  ['is damaged in its middle', [life[0] ?? '', '{"kind":"actor"', life[1] ?? ''], /line 2: damaged/],
  [
    'names a statechart nobody knows',
    [life[0] ?? '', (life[1] ?? '').replace('"machine":"courier"', '"machine":"pilot"'), ''],
    /no statechart is called 'pilot'/,
  ],
] as const)('refuses a file that %s', async (_what, lines, message) => {
  await expect(replay(lines, courierMachine)).rejects.toThrow(message);
});

class Weather extends NodeError {
  readonly code = 'WEATHER';
  readonly retryable = true;
}

test('an error is the same to a machine when it is played back, with code and advice', async () => {
  const errand = setup({
    types: {} as { context: { failure: Failure | null } },
    actors: { go: fromPromise(() => Promise.reject(new Weather('rain', { advice: 'Wait.' }))) },
  }).createMachine({
    id: 'errand',
    context: { failure: null },
    initial: 'going',
    states: {
      going: {
        invoke: {
          src: 'go',
          onError: {
            target: 'home',
            actions: assign({ failure: ({ event }) => toFailure(event.error) }),
          },
        },
      },
      home: { type: 'final' },
    },
  });
  const lines: RecordingLine[] = [];
  const actor = createActor(errand, {
    inspect: watchMachines(
      (line) => lines.push(line),
      () => 0,
    ),
  });
  const done = new Promise<void>((resolve) => actor.subscribe({ complete: resolve }));
  actor.start();
  await done;
  const written = [headerOf(errand), ...lines.map((line) => JSON.stringify(line))];
  expect(written.join()).toContain('WEATHER');
  expect(await replay(written, errand)).toMatchObject({ difference: null, events: 1 });
});

test('what is called a secret is not written down', () => {
  const lines = recordLife(courierMachine, { resumes: false, passphrase: 'canary-1' }, [
    { type: 'parcel.given', fragile: true, prompt: 'canary-2', deep: [{ apiKey: 'canary-3' }] } as never,
  ]);
  expect(lines.join()).toContain('[redacted]');
  expect(lines.join()).not.toContain('canary');
});
