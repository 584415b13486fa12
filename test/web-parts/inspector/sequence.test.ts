// The lines of the sequence diagram: which there are, where they stand, and how steps walk them.
import { describe, expect, test } from 'vitest';
import { ALL, directoryOf, type Filter } from '../../../web/console/inspector/model/filter.js';
import { momentOf, step } from '../../../web/console/inspector/model/playhead.js';
import { recordingOf } from '../../../web/console/inspector/model/recording.js';
import {
  END_MARGIN,
  LANE_WIDTH,
  layoutSequence,
  MARGIN,
  OUTSIDE,
  ROW_HEIGHT,
} from '../../../web/console/inspector/model/sequence-layout.js';
import { rowsOf } from '../../../web/console/inspector/model/sequence-rows.js';
import {
  briefStateText,
  edgeWords,
  eventText,
  leavesOf,
  stateText,
} from '../../../web/console/inspector/model/wording.js';
import { born, entered, sent, shortLife } from './records.js';

const rowsWith = (filter: Partial<Filter>, records = shortLife()) =>
  rowsOf(recordingOf([], records), directoryOf(records), { ...ALL, ...filter });
const linesWith = (filter: Partial<Filter>) =>
  rowsWith(filter).map((row) =>
    row.kind === 'event'
      ? `${row.from ?? '-'} > ${row.to}: ${row.label}`
      : `${row.kind} ${'label' in row ? row.label : ''}`,
  );

describe('the rows', () => {
  test('tell what happened, services speaking through who called them', () => {
    expect(linesWith({})).toEqual([
      'birth node',
      'state idle',
      '- > x:0: job.offered',
      'birth job',
      'state executing',
      'state busy',
      'x:1 > x:1: runInference is done',
      'end ended',
      'x:1 > x:0: job-slot-0 is done',
      'state idle',
    ]);
  });

  test('show services with lifelines of their own on request', () => {
    expect(linesWith({ services: true })).toContain('x:2 > x:1: runInference is done');
    expect(linesWith({ services: true })).toContain('birth service');
  });

  test.each<[string, Partial<Filter>, string[]]>([
    [
      'a statechart',
      { machine: 'job', text: 'done' },
      ['x:1 > x:1: runInference is done', 'end ended', 'x:1 > x:0: job-slot-0 is done'],
    ],
    ['an actor', { actor: 'x:1', text: 'job-slot' }, ['birth job', 'x:1 > x:0: job-slot-0 is done']],
    ['a type, with the states it led to', { text: 'JOB.off' }, ['- > x:0: job.offered', 'state busy']],
    [
      'all but a type',
      { actor: 'x:0', text: '-done' },
      ['birth node', 'state idle', '- > x:0: job.offered', 'state busy'],
    ],
  ])('are narrowed to %s', (_, filter, lines) => {
    expect(linesWith(filter)).toEqual(lines);
  });

  test('say how many records a slow viewer missed', () => {
    const records = [...shortLife(), sent(20, null, 'x:0', 'job.offered')];
    expect(rowsWith({}, records)).toContainEqual({ kind: 'gap', seq: 20, atMs: 1_200, missed: 8 });
  });

  test('leave out a state that is the one before', () => {
    const records = [...shortLife(), entered(12, 'x:0', ['node', 'node.idle'])];
    expect(rowsWith({}, records)).toEqual(rowsWith({}));
  });
});

describe('the picture', () => {
  test('has a lifeline for each party, the outside first, from birth to end', () => {
    const rows = rowsWith({});
    const { lanes, height, width } = layoutSequence(rows, directoryOf(shortLife()));
    const middle = (row: number) => (row + 0.5) * ROW_HEIGHT;
    expect(lanes).toEqual([
      { key: OUTSIDE, actors: [OUTSIDE], x: MARGIN + LANE_WIDTH * 0.5, lines: [{ top: 0, bottom: height }] },
      {
        key: '0/node/node',
        actors: ['x:0'],
        x: MARGIN + LANE_WIDTH * 1.5,
        lines: [{ top: middle(0), bottom: height }],
      },
      {
        key: '0/job/job-slot-0',
        actors: ['x:1'],
        x: MARGIN + LANE_WIDTH * 2.5,
        lines: [{ top: middle(3), bottom: middle(7) }],
      },
    ]);
    expect([width, height]).toEqual([MARGIN + 3 * LANE_WIDTH + END_MARGIN, 10 * ROW_HEIGHT]);
  });

  test('draws a message from its sender to its receiver, one below the other', () => {
    const { rows, lanes } = layoutSequence(rowsWith({}), directoryOf(shortLife()));
    const xOf = (actor: string) => lanes.find((lane) => lane.actors.includes(actor))?.x;
    expect(rows[8]).toMatchObject({ y: 8.5 * ROW_HEIGHT, fromX: xOf('x:1'), toX: xOf('x:0') });
    expect(rows[2]).toMatchObject({ fromX: xOf(OUTSIDE), toX: xOf('x:0') });
  });

  test('keeps the lifelines of a network together', () => {
    const records = [
      born(0, 'a', { machine: 'node', network: 1 }),
      born(1, 'b', { machine: 'node', network: 0 }),
      born(2, 'c', { machine: 'job', network: 1 }),
      born(3, 'd', { machine: 'runtime' }),
    ];
    const { lanes } = layoutSequence(rowsWith({}, records), directoryOf(records));
    expect(lanes.flatMap(({ actors }) => actors)).toEqual(['d', 'b', 'a', 'c']);
  });

  test('gives the jobs that follow one another in a slot one place', () => {
    const records = [...shortLife(), born(12, 'x:3', { id: 'job-slot-0', machine: 'job', network: 0 })];
    const { lanes, height } = layoutSequence(rowsWith({ machine: 'job' }, records), directoryOf(records));
    expect(lanes.at(-1)?.actors).toEqual(['x:1', 'x:3']);
    expect(lanes.at(-1)?.lines.at(-1)).toEqual({ top: height - ROW_HEIGHT / 2, bottom: height });
  });
});

describe('the playhead', () => {
  const recording = recordingOf([], shortLife());

  test('is at the newest record while live, and never beyond it', () => {
    expect(momentOf('live', recording)).toBe(11);
    expect(momentOf(99, recording)).toBe(11);
    expect(momentOf(3, recording)).toBe(3);
  });

  test('steps from row to row and stays within them', () => {
    const rows = rowsWith({ text: 'done' });
    expect(rows.map(({ seq }) => seq)).toEqual([8, 9, 10, 11]);
    expect(step(rows, 11, -1)).toBe(10);
    expect(step(rows, 11, -10)).toBe(8);
    expect(step(rows, 8, 2)).toBe(10);
    expect(step(rows, 10, 9)).toBe(11);
    expect(step(rows, 5, 1)).toBe(8);
    expect(step([], 5, 1)).toBe(5);
  });
});

describe('the words', () => {
  test.each([
    ['job.offered', 'job.offered'],
    ['xstate.done.actor.0.job.signing', 'job.signing is done'],
    ['xstate.error.actor.session', 'session fails'],
    ['xstate.after.ackLimit.job.delivering.sent', 'after ackLimit'],
    ['xstate.after.500.job.x', 'after 500 ms'],
    ['xstate.done.state.node.operating', 'all done'],
    ['xstate.init', 'start'],
  ])('of %s are %s', (type, words) => {
    expect(eventText(type)).toBe(words);
  });

  test('take a transition apart', () => {
    expect(edgeWords('job|job.released|0')).toEqual({ source: 'job', event: 'job.released' });
    expect(edgeWords('job.received||2')).toEqual({ source: 'job.received', event: 'always' });
  });

  test('name the innermost states, also of regions side by side', () => {
    const nodes = ['n', 'n.a', 'n.a.b', 'n.c', 'n.ab'];
    expect(leavesOf(nodes)).toEqual(['n.a.b', 'n.c', 'n.ab']);
    expect(stateText(nodes)).toBe('a.b · c · ab');
    expect(stateText(['n'])).toBe('n');
    expect(briefStateText(['n', 'n.a', 'n.a.b', 'n.a.c'])).toBe('a (2)');
    expect(briefStateText(nodes)).toBe('n (3)');
    expect(briefStateText(['n', 'n.a'])).toBe('a');
  });
});
