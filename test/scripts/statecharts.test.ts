// The exported charts: complete, the same on every run, readable, and compared byte for byte.
import { spawnSync } from 'node:child_process';
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { and, createMachine, not, or, stateIn } from 'xstate';
import { buildArtefacts } from '../../scripts/statecharts/artefacts.js';
import { layoutChart } from '../../scripts/statecharts/chart-layout.js';
import { chartMermaid } from '../../scripts/statecharts/chart-mermaid.js';
import { chartSvg } from '../../scripts/statecharts/chart-svg.js';
import { describeAction } from '../../src/machines/action-model.js';
import { machines } from '../../src/machines/catalog.js';
import { guardText, transitionText } from '../../src/machines/chart-labels.js';
import { chartModel, guardModel, statesWithin } from '../../src/machines/chart-model.js';
import { courierMachine } from '../model/samples/courier-machine.js';

const chart = chartModel('courier', courierMachine);
const stateOf = (id: string) => statesWithin(chart.root).find((state) => state.id === id);

describe('the model', () => {
  test('holds every transition, also those without an event', () => {
    const texts = statesWithin(chart.root).flatMap((state) =>
      state.transitions.map((transition) => transitionText(state.id, transition)),
    );
    expect(texts).toHaveLength(24);
    expect(texts).toContain(
      'courier.load.working.checking: always [isFragile and not resumes] → courier.load.abandoned',
    );
    expect(texts).toContain('courier.line.waiting: after redialDelay → courier.line.held');
    expect(texts).toContain('courier.line.held.online: frame.send → (stays)');
    expect(texts).toContain('courier.load.working: all done → courier.load.idle');
    expect(texts).toContain('courier: courier.stop → courier.line.released, courier.load.abandoned');
  });

  test('describes a state whole, without the timers XState adds to entry and exit', () => {
    const packing = stateOf('courier.load.working.packing');
    expect({ ...packing, transitions: packing?.transitions.map(({ key }) => key) }).toEqual({
      id: 'courier.load.working.packing',
      key: 'packing',
      type: 'atomic',
      description: 'Wraps it.',
      tags: [],
      entry: [],
      exit: [],
      invoke: [{ id: 'packing', src: 'packParcel', handlesDone: true, handlesError: true }],
      states: [],
      transitions: [
        'courier.load.working.packing|xstate.done.actor.packing|0',
        'courier.load.working.packing|xstate.done.actor.packing|1',
        'courier.load.working.packing|xstate.error.actor.packing|0',
        'courier.load.working.packing|xstate.error.actor.packing|1',
        'courier.load.working.packing|xstate.after.packLimit.courier.load.working.packing|0',
      ],
    });
  });

  test('words combined guards with as few parentheses as needed', () => {
    const guard = and(['a', or(['b', not(and(['c', stateIn('d')]))])] as never);
    expect(guardText(guardModel(guard))).toBe('a and (b or not (c and in d))');
  });

  test('marks what a chart cannot name', () => {
    expect(describeAction(() => {})).toEqual({ name: '(inline)', inline: true });
    expect(describeAction({ type: 'keep', params: {} })).toEqual({ name: 'keep' });
  });

  test('notices a changed guard of an `always`, which XState itself does not export', () => {
    const machine = (guard: string) =>
      createMachine({ id: 'm', initial: 'a', states: { a: { always: { guard, target: 'b' } }, b: {} } });
    expect(JSON.stringify(machine('x').toJSON())).toBe(JSON.stringify(machine('y').toJSON()));
    expect(chartModel('m', machine('x'))).not.toEqual(chartModel('m', machine('y')));
  });
});

describe('the picture', () => {
  test('has an element for every state and every transition', async () => {
    const svg = await chartSvg(chart);
    for (const state of statesWithin(chart.root)) {
      expect(svg).toContain(`data-id="${state.id}"`);
      for (const { key } of state.transitions) expect(svg).toContain(`data-edge="${key}"`);
    }
    expect(svg).not.toMatch(/<script|href|url\(/);
  });

  test('lets no label cover another label or a state, and keeps every state inside its parent', async () => {
    const { states, edges, width, height } = await layoutChart(chart);
    const labels = edges.flatMap((edge) => edge.labels);
    const leaves = states.filter(({ state }) => state.states.length === 0);
    const overlaps = (a: (typeof labels)[number] | (typeof leaves)[number], b: typeof a): boolean =>
      a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
    const boxes = [...labels, ...leaves];
    const pairs = boxes.flatMap((one, index) => boxes.slice(index + 1).map((other) => [one, other] as const));
    expect(pairs.filter(([one, other]) => overlaps(one, other))).toEqual([]);
    for (const outer of states) {
      for (const { id } of outer.state.states) {
        const inner = states.find(({ state }) => state.id === id);
        expect(inner && inner.x >= outer.x && inner.x + inner.width <= outer.x + outer.width).toBe(true);
        expect(inner && inner.y >= outer.y && inner.y + inner.height <= outer.y + outer.height).toBe(true);
      }
    }
    expect(
      boxes.every((box) => box.x >= 0 && box.x + box.width <= width && box.y + box.height <= height),
    ).toBe(true);
  });

  test('escapes what a description may hold', async () => {
    const machine = createMachine({ id: 'm', description: 'a < b & "c"', initial: 'x', states: { x: {} } });
    expect(await chartSvg(chartModel('m', machine))).toContain('<title>a &lt; b &amp; &quot;c&quot;</title>');
  });
});

test('the picture can be read where its style sheet is refused', async () => {
  const svg = await chartSvg(chart);
  const shapes = [...svg.matchAll(/<(?:rect|path|circle|text) [^>]*>/g)].map(([shape]) => shape);
  expect(shapes.length).toBeGreaterThan(100);
  expect(shapes.filter((shape) => !/ fill="/.test(shape))).toEqual([]);
  // No attribute twice: that would be no XML.
  const twice = shapes.filter((shape) => {
    const names = [...shape.matchAll(/ ([a-z-]+)="/g)].map(([, name]) => name);
    return new Set(names).size !== names.length;
  });
  expect(twice).toEqual([]);
});

describe('the Mermaid diagram', () => {
  test('separates regions, names services and escapes what would end a statement', () => {
    const machine = createMachine({
      id: 'm',
      type: 'parallel',
      description: 'Two things: at once.',
      states: {
        one: { invoke: { src: 'serve', id: 'server' }, description: 'First; with #signs: <all>' },
        'two-two': {
          description: 'The\nother.',
          initial: 'a',
          states: { a: { on: { 'x.*': 'b' } }, b: { type: 'final' } },
        },
      },
    });
    expect(chartMermaid(chartModel('m', machine))).toBe(
      `---
title: "m"
---
stateDiagram-v2
  accTitle: Statechart m
  accDescr: Two things: at once.
  state "m" as m {
    state "one" as m__one
    m__one : invoke / serve as server
    note right of m__one
      First#59; with #35;signs#58; #60;all#62;
    end note
    --
    %% two-two: The other.
    state "two-two" as m__two_2d_two {
      [*] --> m__two_2d_two__a
      state "a" as m__two_2d_two__a
      state "b" as m__two_2d_two__b
      m__two_2d_two__b --> [*]
    }
  }
  m__two_2d_two__a --> m__two_2d_two__b : x.*
`,
    );
  });
});

describe.each(Object.entries(machines))('the exports of %s', (name, machine) => {
  test('say what each state is for, in the words of the machine', async () => {
    const chart = chartModel(name, machine);
    const files = await buildArtefacts({ [name]: machine });
    const [json, mermaid, svg] = ['json', 'mmd', 'svg'].map((kind) => files.get(`${name}.${kind}`) ?? '');
    const ofJson = statesWithin((JSON.parse(json ?? '') as typeof chart).root);
    for (const { id, description = '', key } of statesWithin(chart.root)) {
      expect({ id, said: description !== '' }).toEqual({ id, said: true });
      expect(ofJson.find((state) => state.id === id)?.description).toBe(description);
      const xml = description
        .replace(/&/g, '&amp;')
        .replace(/</g, '&lt;')
        .replace(/>/g, '&gt;')
        .replace(/"/g, '&quot;');
      expect(svg).toContain(`<title>${xml}</title>`);
      const escaped = description.replace(/[#;:<>"{}]/g, (sign) => `#${sign.charCodeAt(0)};`);
      const forms = [`accDescr: ${description}\n`, `%% ${key}: ${description}\n`, `  ${escaped}\n`];
      expect({ id, said: forms.some((form) => mermaid?.includes(form)) }).toEqual({ id, said: true });
    }
  });
});

test('two builds give the same bytes', async () => {
  const machines = { courier: courierMachine };
  expect(await buildArtefacts(machines)).toEqual(await buildArtefacts(machines));
});

describe('the command', () => {
  let folder: string;
  let out: string;
  const run = (...options: string[]) => {
    const catalog = join(import.meta.dirname, 'fixtures/courier-catalog.ts');
    const tsx = join(process.cwd(), 'node_modules/tsx/dist/cli.mjs');
    const command = [tsx, 'scripts/statecharts/main.ts', '--catalog', catalog, '--out', out, ...options];
    const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
    return { status, stdout, stderr };
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'statecharts-'));
    out = join(folder, 'out');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('writes, finds nothing stale, then says what is stale, missing and left over, and how to repair it', async () => {
    expect(run()).toMatchObject({ status: 0, stderr: '' });
    expect((await readdir(out)).sort()).toEqual(['README.md', 'courier.json', 'courier.mmd', 'courier.svg']);
    expect(run('--check')).toEqual({ status: 0, stdout: '', stderr: '' });

    await appendFile(join(out, 'courier.json'), ' ');
    await rm(join(out, 'courier.mmd'));
    await writeFile(join(out, 'former.svg'), '<svg/>');
    expect(run('--check')).toEqual({
      status: 1,
      stdout: '',
      stderr:
        'statecharts/courier.json is stale\nstatecharts/courier.mmd is missing\nstatecharts/former.svg is left over\n' +
        'The charts no longer show the machines. Run: npm run statecharts\n',
    });

    expect(run().stdout).toBe('wrote courier.json\nwrote courier.mmd\nremoved former.svg\n');
    expect(run('--check').status).toBe(0);
    expect(await readFile(join(out, 'README.md'), 'utf8')).toContain(
      'Carries parcels over a line that may break: one region holds the line, the other the parcel.\n\n' +
        '18 states, 24 transitions',
    );
  }, 60_000);
});
