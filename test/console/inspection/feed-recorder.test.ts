// What the feed records of running statecharts is what happened in them, and nothing of what they hold.
import { beforeAll, describe, expect, test, vi } from 'vitest';
import {
  type AnyStateMachine,
  assign,
  createActor,
  type EventObject,
  fromCallback,
  fromPromise,
  type InspectionEvent,
  sendParent,
  setup,
} from 'xstate';
import { type FeedRecord, feedRecord } from '../../../src/console/feed/feed-records.js';
import { listedContext, listedMachines } from '../../../src/console/inspection/context-list.js';
import { createFeedRecorder } from '../../../src/console/inspection/feed-recorder.js';
import { nodeRootName } from '../../../src/console/inspection/root-names.js';
import { machines } from '../../../src/machines/catalog.js';
import { configSyncMachine } from '../../../src/machines/config-sync-machine.js';
import { jobMachine } from '../../../src/machines/job-machine.js';
import { linkMachine } from '../../../src/machines/link-machine.js';
import { modelMachine } from '../../../src/machines/model-machine.js';
import { nodeMachine } from '../../../src/machines/node-machine.js';
import { reportMachine } from '../../../src/machines/report-machine.js';
import { runtimeMachine } from '../../../src/machines/runtime-machine.js';
import { candidateEvents, type Payloads } from '../../model/candidate-events.js';
import { type Provided, Rig } from '../../model/rig.js';
import { configSyncWorld } from '../../model/worlds/config-sync-world.js';
import { jobWorld } from '../../model/worlds/job-world.js';
import { linkWorld } from '../../model/worlds/link-world.js';
import { modelWorld } from '../../model/worlds/model-world.js';
import { nodeWalks } from '../../model/worlds/node-world.js';
import { reportWorld } from '../../model/worlds/report-world.js';
import { runtimeWorld } from '../../model/worlds/runtime-world.js';

const NAMES = Object.keys(machines);

const recordOf = () => {
  let now = 0;
  const recorder = createFeedRecorder({ machines: NAMES, nowMs: () => now++ });
  const records: FeedRecord[] = [];
  recorder.onRecord((record) => records.push(record));
  return { recorder, records, inspect: (event: InspectionEvent) => recorder.observe(event) };
};

/** Mulberry32: the same walk each time. */
const seeded = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
};

interface World {
  readonly inputs?: readonly unknown[];
  readonly payloads?: Payloads<EventObject>;
  readonly provide?: Provided;
  readonly withParent?: boolean;
}
const worlds: readonly (readonly [string, AnyStateMachine, World])[] = [
  ['job', jobMachine, jobWorld as World],
  ['link', linkMachine, linkWorld as World],
  ['configSync', configSyncMachine, configSyncWorld as World],
  ['model', modelMachine, modelWorld as World],
  ['report', reportMachine, reportWorld as World],
  ['runtime', runtimeMachine, runtimeWorld as World],
  ...nodeWalks.map((walk): readonly [string, AnyStateMachine, World] => ['node', nodeMachine, walk as World]),
];

/** Walks at random, and looks after each step. */
const walk = (
  [, machine, world]: (typeof worlds)[number],
  seed: number,
  inspect: (event: InspectionEvent) => void,
  looked: (rig: Rig) => void,
): void => {
  const random = seeded(seed);
  const inputs = world.inputs ?? [undefined];
  const rig = new Rig(machine, {
    ...(world.provide && { provide: world.provide }),
    withParent: world.withParent ?? false,
    input: inputs[Math.floor(random() * inputs.length)],
    inspect,
  });
  looked(rig);
  for (let step = 0; step < 60; step++) {
    const events = candidateEvents(rig, world.payloads ?? {}, 'any');
    const event = events[Math.floor(random() * events.length)];
    if (event === undefined) break;
    rig.perform(event);
    looked(rig);
  }
  rig.stop();
};

beforeAll(() => {
  // XState's development build warns when a region, on its way out, tells a service that has just failed.
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  return () => vi.restoreAllMocks();
});

describe('records of the real machines', () => {
  test.each(worlds.map((world, at) => [`${world[0]} (${at})`, world] as const))(
    'agree with the snapshots at every step of a random walk: %s',
    (_, world) => {
      for (let seed = 1; seed <= 4; seed++) {
        const { records, recorder, inspect } = recordOf();
        let seen = 0;
        walk(world, seed, inspect, (rig) => {
          const { snapshot } = rig;
          const own = recorder.living().find(({ machine }) => machine === world[0]);
          const fresh = records.slice(seen).filter((one) => one.kind === 'state');
          const states = fresh.filter(({ actor }) => actor === rig.sessionId);
          seen = records.length;
          expect(states.flatMap(({ edges }) => edges)).toEqual(rig.takeSteps());
          const last = states.at(-1) ?? own?.state;
          expect(last?.status).toBe(snapshot.status);
          expect(new Set(last?.nodes)).toEqual(new Set(snapshot._nodes.map(({ id }) => id)));
          expect(own === undefined).toBe(snapshot.status !== 'active');
          const alive = rig.running().map(({ id }) => id);
          if (own !== undefined) {
            const children = recorder.living().filter(({ parent }) => parent === own.actor);
            expect(children.map(({ id }) => id).sort()).toEqual(alive.sort());
          }
        });
        expect(recorder.living()).toEqual([]);
        expect(records.map(({ seq }) => seq)).toEqual(records.map((_one, at) => at));
        for (const record of records) expect(feedRecord.parse(record)).toEqual(record);
      }
    },
  );

  test.each(worlds)('show what is listed of a context, whatever happened to it: %s', (name, ...world) => {
    const { records, inspect } = recordOf();
    walk([name, ...world], 7, inspect, () => undefined);
    const shown = records
      .filter((one) => one.kind === 'state' && one.nodes.length > 0)
      .map((one) => (one.kind === 'state' ? Object.keys(one.context) : []));
    const [first] = shown;
    expect(first).not.toEqual([]);
    for (const keys of shown) expect(keys).toEqual(first);
  });

  test('every machine of the catalog has its list, and no other', () => {
    expect([...listedMachines].sort()).toEqual([...NAMES].sort());
  });
});

const CANARY = 'CANARY-3f9a';

interface Planted {
  readonly seen: string;
  readonly failure: { readonly code: string; readonly message: string };
}
type PlantedEvent = { type: 'word.spoken'; word: string } | { type: 'child.failed'; word: string };

/** A machine that holds, hears, says and fails with canaries, under the name of one whose context is listed. */
const planted = setup({
  types: {} as { context: Planted & Record<string, unknown>; input: { word: string }; events: PlantedEvent },
  actors: {
    speak: fromPromise<string, { word: string }>(async ({ input }) => input.word),
    fail: fromPromise<string, { word: string }>(async ({ input }) => {
      throw new Error(input.word);
    }),
    listen: fromCallback<PlantedEvent, { word: string }>(({ sendBack, input }) => {
      sendBack({ type: 'word.spoken', word: input.word });
    }),
    child: setup({
      types: {} as { input: { word: string }; context: { word: string }; output: string },
    }).createMachine({
      id: 'model',
      context: ({ input }) => ({
        word: input.word,
        id: 'm',
        digest: 'd',
        enabled: true,
        failures: 0,
        failure: null,
      }),
      initial: 'over',
      entry: sendParent(({ context }) => ({ type: 'child.failed', word: context.word })),
      output: ({ context }) => context.word,
      states: { over: { type: 'final' } },
    }),
  },
  actions: {
    hear: assign((_, params: { word: string }) => ({ seen: params.word })),
  },
}).createMachine({
  id: 'job',
  context: ({ input }) => ({
    seen: input.word,
    job: 'J1',
    attempt: 1,
    resumption: 'new',
    model: 'm',
    endpoint: 'chat.completions',
    streamed: true,
    isLate: false,
    decline: null,
    outcome: null,
    verdict: null,
    param: CANARY,
    reason: CANARY,
    prompt: { messages: [CANARY] },
    failure: { code: 'BROKEN', message: CANARY, retryable: false, advice: CANARY },
  }),
  type: 'parallel',
  invoke: [
    {
      src: 'speak',
      input: { word: CANARY },
      onDone: { actions: { type: 'hear', params: { word: CANARY } } },
    },
    { src: 'fail', input: { word: CANARY }, onError: {} },
    { src: 'listen', input: { word: CANARY } },
    { src: 'child', input: { word: CANARY }, onDone: {} },
  ],
  on: { 'word.spoken': { actions: { type: 'hear', params: ({ event }) => ({ word: event.word }) } } },
});

describe('a statechart full of canaries', () => {
  test('tells of events, states and listed facts, and no canary', async () => {
    const { recorder, records, inspect } = recordOf();
    const actor = createActor(planted, { inspect, input: { word: CANARY }, id: nodeRootName(1) }).start();
    actor.send({ type: 'word.spoken', word: CANARY });
    await vi.waitFor(() => expect(Object.values(actor.getSnapshot().children)).toHaveLength(4));
    await vi.waitFor(() =>
      expect(records.some((one) => one.kind === 'state' && one.status === 'error')).toBe(true),
    );
    expect(recorder.living().every(({ network }) => network === 1)).toBe(true);
    actor.stop();
    const told = JSON.stringify([records, recorder.recent(), recorder.living()]);
    expect(told).toContain('word.spoken');
    expect(told).toContain('"failure":"BROKEN"');
    expect(told).toContain('xstate.error.actor.');
    expect(told).not.toContain(CANARY);
  });

  test('no form of context gets past its list', () => {
    for (const machine of [...listedMachines, 'unheard', '__proto__', 'constructor']) {
      const context = new Proxy<Record<string, unknown>>({}, { get: () => CANARY, has: () => true });
      const shown = listedContext(machine, { ...context, secret: CANARY, prompt: CANARY });
      expect(JSON.stringify(shown)).not.toContain('prompt');
    }
    expect(listedContext('unheard', { a: 1 })).toEqual({});
    expect(listedContext('job', null)).toEqual({});
  });
});

describe('the lives of actors', () => {
  const twice = setup({
    actors: { wait: fromPromise<void>(() => new Promise(() => undefined)) },
  }).createMachine({
    id: 'model',
    initial: 'passing',
    states: {
      // Left at once: its service is made, and never begins.
      passing: { invoke: { id: 'wait', src: 'wait' }, always: 'waiting' },
      waiting: { invoke: { id: 'wait', src: 'wait' }, on: { again: { target: 'waiting', reenter: true } } },
    },
  });

  test('an actor that was made and never begun is not told of; one under the same id is', () => {
    const { recorder, records, inspect } = recordOf();
    const actor = createActor(twice, { inspect, id: 'runtime' }).start();
    expect(records.filter(({ kind }) => kind === 'actor')).toMatchObject([
      { id: 'runtime', machine: 'model', parent: null, network: null },
      { id: 'wait', machine: null, parent: actor.sessionId },
    ]);
    expect(recorder.living().map(({ state }) => state?.edges)).toEqual([['model.passing||0'], []]);
  });

  test('a service begun anew is another actor, and the old one is stopped', () => {
    const { recorder, records, inspect } = recordOf();
    const actor = createActor(twice, { inspect }).start();
    const [, before] = recorder.living();
    actor.send({ type: 'again' });
    const [, after] = recorder.living();
    expect(recorder.living()).toHaveLength(2);
    expect(after?.actor).not.toBe(before?.actor);
    expect(records.filter((one) => one.kind === 'state' && one.actor === before?.actor)).toMatchObject([
      { status: 'active' },
      { status: 'stopped' },
    ]);
  });

  test('an actor has ended before its parent hears of it', async () => {
    const { records, inspect } = recordOf();
    const parent = setup({ actors: { work: fromPromise(async () => 1) } }).createMachine({
      initial: 'busy',
      states: { busy: { invoke: { id: 'work', src: 'work', onDone: 'over' } }, over: {} },
    });
    const actor = createActor(parent, { inspect }).start();
    await vi.waitFor(() => expect(actor.getSnapshot().value).toBe('over'));
    const kinds = records.map((one) =>
      one.kind === 'event' ? one.type : one.kind === 'state' ? `${one.status} ${one.nodes.length}` : one.id,
    );
    expect(kinds).toEqual([
      actor.id,
      'work',
      'active 0',
      'active 2',
      'done 0',
      'xstate.done.actor.work',
      'active 2',
    ]);
  });

  test('a root whose statechart threw is noticed when asked for', () => {
    const { recorder, records, inspect } = recordOf();
    const faulty = setup({
      actions: {
        fail: () => {
          throw new Error(CANARY);
        },
      },
    }).createMachine({ on: { go: { actions: 'fail' } } });
    const actor = createActor(faulty, { inspect });
    actor.subscribe({ error: () => undefined });
    actor.start();
    actor.send({ type: 'go' });
    recorder.noticeCrashes();
    recorder.noticeCrashes();
    expect(records.filter(({ kind }) => kind === 'state')).toMatchObject([
      { status: 'active' },
      { status: 'error' },
    ]);
    expect(recorder.living()).toEqual([]);
    expect(JSON.stringify(records)).not.toContain(CANARY);
  });

  test('the newest 2,000 records are kept, oldest first', () => {
    const { recorder, records, inspect } = recordOf();
    const counting = setup({}).createMachine({ on: { tick: { actions: [] } } });
    const actor = createActor(counting, { inspect }).start();
    for (let at = 0; at < 1_500; at++) actor.send({ type: 'tick' });
    expect(records.length).toBeGreaterThan(3_000);
    expect(recorder.recent()).toEqual(records.slice(-2_000));
  });
});
