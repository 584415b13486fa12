// Proves the tools on a machine with everything a chart can have, and on mutants of it that each tool must catch.

import assert from 'node:assert/strict';
import { describe, expect, test } from 'vitest';
import { setup } from 'xstate';
import { lintChart } from './chart-lint.js';
import { coverageTable } from './coverage-report.js';
import { specPaths } from './drive-spec.js';
import { Rig } from './rig.js';
import { type CourierContext, courierMachine, courierSetup, REFUSED } from './samples/courier-machine.js';
import { contextSurvivesJson, type WalkOptions, walkMachine } from './walk-machine.js';

type Courier = typeof courierMachine;

/** The courier with parts of its chart replaced; `at` is a path of keys into the config. */
const mutant = (at: readonly string[], replace: (found: never) => unknown): Courier => {
  const change = (config: unknown, [key, ...rest]: readonly string[]): unknown => {
    if (key === undefined) return replace(config as never);
    return { ...(config as object), [key]: change((config as Record<string, unknown>)[key], rest) };
  };
  const config = change(courierMachine.config, at) as Parameters<typeof courierSetup.createMachine>[0];
  return courierSetup.createMachine(config) as unknown as Courier;
};

const options: WalkOptions<Courier> = {
  inputs: [{ resumes: false }, { resumes: true }],
  abstract: ({ tries, fragile, resumes }: CourierContext) => [Math.min(tries, 2), fragile, resumes],
  payloads: {
    'line.closed': [{ code: 1006 }, { code: REFUSED }],
    'parcel.given': [{ fragile: true }, { fragile: false }],
    'frame.send': [{ frame: 'hello' }],
    'xstate.done.actor.packing': [{ output: { heavy: true } }, { output: { heavy: false } }],
  },
  invariants: {
    'the line is held exactly while the chart says so': ({ rig, snapshot }) =>
      assert.equal(rig.running('holdLine').length, snapshot.matches({ line: 'held' }) ? 1 : 0),
    'one service at most works on the parcel': ({ rig }) =>
      assert.ok(rig.running('packParcel').length + rig.running('deliverParcel').length <= 1),
    'a fragile parcel is packed as one': ({ rig, snapshot }) => {
      for (const { input } of rig.running('packParcel')) {
        assert.deepEqual(input, { fragile: snapshot.context.fragile });
      }
    },
    'the context survives JSON': contextSurvivesJson,
  },
  pairs: false,
};

/** One start is enough where the second would only take longer. */
const fromIdle: WalkOptions<Courier> = { ...options, inputs: [{ resumes: false }] };

describe('walking the machine as its own map', () => {
  test('reaches every state and takes every transition', () => {
    const report = walkMachine(courierMachine, options);
    expect(report.missing).toEqual([]);
    expect(report.states).toMatchObject({ covered: 18, total: 18 });
    expect(report.transitions).toMatchObject({ covered: 24, total: 24 });
  });

  test('names the transitions whose payloads were forgotten', () => {
    const { 'line.closed': _, ...payloads } = options.payloads ?? {};
    const report = walkMachine(courierMachine, {
      ...options,
      payloads: { ...payloads, 'line.closed': [{ code: 1006 }] },
    });
    expect(report.missing).toEqual([
      'state courier.line.refused',
      'transition courier.line.held: line.closed [isRefused] → courier.line.refused',
    ]);
  });

  test('takes a waiver with a reason, and tells when it is no longer needed', () => {
    const text = 'courier.line.held: line.closed [isRefused] → courier.line.refused';
    const report = walkMachine(courierMachine, {
      ...fromIdle,
      waived: { [text]: 'the depot never refuses' },
    });
    expect(report.missing).toContain(`waiver without need: ${text}`);
  });

  test('says what grows when the walk does not end', () => {
    const endless = { ...options, abstract: (context: CourierContext) => context, limit: 300 };
    expect(() => walkMachine(courierMachine, endless)).toThrow(
      /more than 300 abstract states.*"failures":\d+/s,
    );
  });

  test('drives pairs of transitions', () => {
    const report = walkMachine(doorMachine, {});
    expect(report.missing).toEqual([]);
    // open·close, close·open, close·lock, lock·time, time·open, time·lock
    expect(report.pairs).toMatchObject({ covered: 6, total: 6, missing: [] });
  });
});

const doorMachine = setup({
  types: {} as { events: { type: 'open' } | { type: 'close' } | { type: 'lock' } },
}).createMachine({
  id: 'door',
  initial: 'closed',
  states: {
    closed: { on: { open: 'open', lock: 'locked' } },
    open: { on: { close: 'closed' } },
    locked: { after: { 1000: 'closed' } },
  },
});

type LineSpecEvent =
  | { type: 'answers' }
  | { type: 'breaks' }
  | { type: 'refuses' }
  | { type: 'waits' }
  | { type: 'stops' };

/** What the courier's line promises, written without looking at its chart. */
const lineSpec = setup({ types: {} as { events: LineSpecEvent } }).createMachine({
  initial: 'calling',
  on: { stops: '.over' },
  states: {
    calling: { on: { answers: 'talking', breaks: 'resting', refuses: 'over' } },
    talking: { on: { breaks: 'resting', refuses: 'over' } },
    resting: { on: { waits: 'calling' } },
    over: { type: 'final' },
  },
});

const lineOptions: Parameters<typeof specPaths<typeof lineSpec>>[2] = {
  input: { resumes: false },
  perform: {
    answers: (rig) => {
      rig.send({ type: 'line.opened' });
      rig.send({ type: 'line.greeted' });
    },
    breaks: (rig) => rig.service('line').sendBack({ type: 'line.closed', code: 1006 } as never),
    refuses: (rig) => rig.send({ type: 'line.closed', code: REFUSED } as never),
    waits: (rig) => rig.elapse(60_000),
    stops: (rig) => rig.send({ type: 'courier.stop' }),
  },
  shows: ({ snapshot }) => {
    if (snapshot.matches({ line: { held: 'online' } })) return 'talking';
    if (snapshot.matches({ line: 'held' })) return 'calling';
    return snapshot.matches({ line: 'waiting' }) ? 'resting' : 'over';
  },
  check: (rig, { value }) => {
    expect(rig.running('holdLine')).toHaveLength(value === 'calling' || value === 'talking' ? 1 : 0);
  },
};

describe('holding the machine against a specification', () => {
  const paths = specPaths(lineSpec, courierMachine, lineOptions);

  test.each(paths)('$title', ({ run }) => {
    run();
  });

  test('covers every edge of the specification', () => {
    const next: Record<string, string> = {
      answers: 'talking',
      breaks: 'resting',
      refuses: 'over',
      waits: 'calling',
      stops: 'over',
    };
    const edges = paths.flatMap(({ title }) => {
      let at = 'calling';
      return title.split(' → ').map((event) => {
        const edge = `${at} ${event}`;
        at = next[event] ?? at;
        return edge;
      });
    });
    expect([...new Set(edges)].sort()).toEqual([
      'calling answers',
      'calling breaks',
      'calling refuses',
      'calling stops',
      'resting stops',
      'resting waits',
      'talking breaks',
      'talking refuses',
      'talking stops',
    ]);
  });
});

describe('seeded mutants', () => {
  const specFailures = (machine: Courier): string[] =>
    specPaths(lineSpec, machine, lineOptions).flatMap(({ run }) => {
      try {
        run();
        return [];
      } catch (error) {
        return [String(error)];
      }
    });

  test('a wrong target is seen by the specification', () => {
    const machine = mutant(['states', 'line', 'states', 'waiting', 'after'], () => ({
      redialDelay: 'released',
    }));
    expect(specFailures(machine).join()).toContain(
      'the specification says "calling", the machine shows "over"',
    );
  });

  test('a guard that never holds leaves transitions unwalked', () => {
    const machine = courierMachine.provide({ guards: { isHeavy: () => false } });
    expect(walkMachine(machine, fromIdle).missing).toEqual([
      'state courier.load.working.checking',
      'transition courier.load.waking: always [resumes] → courier.load.working',
      'transition courier.load.working.packing: packing is done [isHeavy] → courier.load.working.checking',
      'transition courier.load.working.checking: always [isFragile and not resumes] → courier.load.abandoned',
      'transition courier.load.working.checking: always → courier.load.working.delivering',
    ]);
  });

  test('a service held in the wrong state breaks an invariant, with the shortest path to see it', () => {
    const machine = mutant(['states', 'line'], (line: object) => ({
      ...line,
      invoke: { id: 'spare', src: 'holdLine', onError: {} },
    }));
    expect(() => walkMachine(machine, options)).toThrow(
      /"the line is held exactly while the chart says so" does not hold.*after:\s+\(the start with/s,
    );
  });

  test('a handler that throws kills the machine, and the walk says after what', () => {
    const machine = courierMachine.provide({
      guards: {
        hasTriesLeft: () => {
          throw new Error('no tries to count');
        },
      },
    });
    expect(() => walkMachine(machine, fromIdle)).toThrow(
      /hasTriesLeft.*no tries to count\s+after:\s+\(the start with \{"resumes":false\}\).*\{"type":"parcel.given".*\}\s+\{"type":"xstate.error.actor.packing"\}$/s,
    );
  });

  test('a missing error handler is one transition less to walk, and the lint names it', () => {
    const machine = mutant(['states', 'line', 'states', 'held', 'invoke'], () => ({
      id: 'line',
      src: 'holdLine',
    }));
    expect(walkMachine(machine, fromIdle).transitions.total).toBe(23);
    expect(lintChart(machine)).toEqual([
      'courier: line.held: invoke line: no onError, so its failure ends the whole machine; name a state for it',
    ]);
  });
});

describe('the rig', () => {
  test('keeps what the machine sent to a service, and its end', () => {
    const rig = new Rig(courierMachine, { input: { resumes: false } });
    rig.send({ type: 'line.opened' });
    rig.send({ type: 'line.greeted' });
    rig.send({ type: 'frame.send', frame: 'hello' } as never);
    const line = rig.service('line');
    expect(line.received).toEqual([{ type: 'frame.send', frame: 'hello' }]);
    rig.fail('line');
    expect([line.ended, rig.snapshot.value]).toEqual(['failed', { line: 'waiting', load: 'idle' }]);
    rig.elapse(1_999);
    expect(rig.snapshot.matches({ line: 'waiting' })).toBe(true);
    rig.elapse(1);
    expect(rig.snapshot.matches({ line: { held: 'dialing' } })).toBe(true);
  });

  test('says what waits when the wrong timer or service is asked for', () => {
    const rig = new Rig(courierMachine, { input: { resumes: true } });
    expect(() => rig.clock.fire('xstate.after.nap')).toThrow(
      'waiting: xstate.after.packLimit.courier.load.working.packing',
    );
    expect(() => rig.service('delivery')).toThrow(
      'no service runs under the id delivery; running: line, packing',
    );
  });
});

test('the report is a table of one row per machine', () => {
  const { machine, states, transitions, pairs, map, steps } = walkMachine(doorMachine);
  const table = coverageTable([{ machine, states, transitions, pairs, map, steps }]);
  expect(table).toMatch(/door\s*│\s*3\/3\s*│\s*4\/4\s*│\s*6\/6/);
});
