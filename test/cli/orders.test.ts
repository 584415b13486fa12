// `drain`, `pause` and `resume` against a control socket: what they order, what they wait for, what they say.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'undici';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createProgram } from '../../src/cli/program.js';
import { runCommand } from '../../src/cli/run-command.js';
import { type ControlServer, startControlServer } from '../../src/console/control-server.js';
import { controlSocketOf } from '../../src/console/control-socket.js';
import type { NodeStatus } from '../../src/console/node-view.js';
import type { OrderView, OwnerOrder } from '../../src/console/order-view.js';
import { NodeError } from '../../src/errors.js';
import { noSteering } from './no-steering.js';

class HaltedError extends NodeError {
  readonly code = 'NODE_NOT_OPERATING';
  readonly retryable = true;
}

const TODAY = new Date();
const at = (hours: number, minutes: number): number => new Date(TODAY).setHours(hours, minutes, 0, 0);

const STATUS: NodeStatus = {
  stage: 'paused',
  idleReason: null,
  nodeId: null,
  agentVersion: '0.1.0',
  pid: 4711,
  startedMs: 0,
  network: { name: null, url: null, connected: false, lastAckMs: null, standing: null, account: null },
  config: null,
  lastSync: null,
  runtime: {
    state: 'ready',
    driver: 'process',
    engine: 'simulator',
    version: null,
    restarts: 0,
    failure: null,
  },
  models: [],
  jobs: { running: 0, queued: 0, slots: 1, outbox: 0, credits: 0 },
  reports: { waiting: 0, delivered: 0 },
  failure: null,
};

const PAUSE: OrderView = {
  kind: 'pause',
  by: 'owner',
  note: null,
  sinceMs: 1,
  untilMs: null,
  jobsLeft: 2,
  freed: false,
};

let dataDir: string;
let server: ControlServer | undefined;
let given: OwnerOrder[];
/** What is in force before the order, and what the answers say of it afterwards, one after the other. */
let before: OrderView | null;
let course: (OrderView | null)[];
let refusal: NodeError | undefined;
let signal: AbortSignal;

const next = (): OrderView | null => (course.length > 1 ? course.shift() : course[0]) ?? null;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'orders-'));
  given = [];
  before = null;
  course = [PAUSE];
  refusal = undefined;
  signal = new AbortController().signal;
  server = await startControlServer(
    controlSocketOf(dataDir),
    {
      status: () => ({ ...STATUS, order: next() }),
      jobs: () => [],
      onChange: () => () => undefined,
    },
    {
      ...noSteering,
      order: async (order) => {
        given.push(order);
        if (refusal !== undefined) throw refusal;
        return { stage: 'paused', before, order: next() };
      },
    },
  );
});
afterEach(async () => {
  await server?.close();
  rmSync(dataDir, { recursive: true });
});

const run = async (...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> => {
  const text = { stdout: '', stderr: '' };
  const io = {
    stdout: {
      write: (part: string) => {
        text.stdout += part;
      },
    },
    stderr: {
      write: (part: string) => {
        text.stderr += part;
      },
    },
    env: { RESULTITY_DATA_DIR: dataDir },
    isTTY: false,
    signal,
  };
  const program = createProgram(io, { on: () => undefined, off: () => undefined });
  return { code: await runCommand(program, words, io), ...text };
};

test.each<readonly [string, readonly string[], OwnerOrder]>([
  ['nothing else said', ['drain'], { verb: 'drain' }],
  ['seconds', ['drain', '--for', '90s'], { verb: 'drain', forMs: 90_000 }],
  ['minutes', ['pause', '--for', '30m'], { verb: 'pause', forMs: 30 * 60_000 }],
  [
    'hours and a note',
    ['pause', '--for', '2h', '--note', 'x'],
    { verb: 'pause', forMs: 7_200_000, note: 'x' },
  ],
  ['days', ['drain', '--for', '366d'], { verb: 'drain', forMs: 366 * 24 * 3_600_000 }],
  [
    'a time in UTC',
    ['drain', '--until', '2999-01-01T10:42:00Z'],
    { verb: 'drain', untilMs: Date.UTC(2999, 0, 1, 10, 42) },
  ],
  [
    'a time with an offset',
    ['drain', '--until', '2999-01-01T10:42:00+02:00'],
    { verb: 'drain', untilMs: Date.UTC(2999, 0, 1, 8, 42) },
  ],
  [
    'a local time to the minute',
    ['pause', '--until', '2999-01-01T10:42'],
    { verb: 'pause', untilMs: new Date(2999, 0, 1, 10, 42).getTime() },
  ],
  ['a resume', ['resume'], { verb: 'resume' }],
])('orders what was said: %s', async (_, words, order) => {
  expect((await run(...words)).code).toBe(0);
  expect(given).toEqual([order]);
});

test.each([
  ['a duration without a unit', ['drain', '--for', '2']],
  ['a duration in weeks', ['drain', '--for', '2w']],
  ['a duration of nothing', ['drain', '--for', '0h']],
  ['a duration below nothing', ['drain', '--for', '-2h']],
  ['a duration of more than a year', ['pause', '--for', '367d']],
  ['a duration with a fraction', ['pause', '--for', '1.5h']],
  ['both ends at once', ['pause', '--for', '2h', '--until', '2999-01-01T00:00:00Z']],
  ['a time that has passed', ['pause', '--until', '2001-01-01T00:00:00Z']],
  ['a time that is none', ['pause', '--until', 'tomorrow']],
  ['a note nobody reads', ['pause', '--note', 'x'.repeat(201)]],
  ['a resume with an end', ['resume', '--for', '2h']],
])('refuses %s before anything is ordered', async (_, words) => {
  const { code, stderr } = await run(...words);
  expect([code, given]).toEqual([2, []]);
  expect(stderr).toMatch(/^error: /);
});

test.each<readonly [string, readonly string[], OrderView | null, string]>([
  [
    'a drain with an end',
    ['drain'],
    { ...PAUSE, kind: 'drain', untilMs: at(10, 42) },
    'Draining: 2 jobs left; takes jobs again at 10:42, or with `resultity-node resume`.\n',
  ],
  [
    'one job',
    ['drain'],
    { ...PAUSE, kind: 'drain', jobsLeft: 1 },
    'Draining: 1 job left; takes jobs again with `resultity-node resume`.\n',
  ],
  [
    'none',
    ['drain'],
    { ...PAUSE, kind: 'drain', jobsLeft: 0 },
    'Drained: no jobs left; takes jobs again with `resultity-node resume`.\n',
  ],
  [
    'an engine on its way out',
    ['pause'],
    { ...PAUSE, jobsLeft: 0, untilMs: new Date(2999, 0, 2, 3, 4).getTime() },
    'Pausing: the GPU is being freed; takes jobs again at 2999-01-02 03:04, or with `resultity-node resume`.\n',
  ],
  [
    'a free GPU',
    ['pause'],
    { ...PAUSE, jobsLeft: 0, freed: true },
    'Paused: the GPU is free; takes jobs again with `resultity-node resume`.\n',
  ],
])('says how far it is: %s', async (_, words, order, sentence) => {
  course = [order];
  expect((await run(...words)).stdout).toBe(sentence);
});

test.each<readonly [string, OrderView | null, RegExp]>([
  ['nothing', null, /^Nothing to resume/],
  ['a drain', { ...PAUSE, kind: 'drain' }, /^Takes jobs again\.$/m],
  ['a pause that has freed the GPU', { ...PAUSE, freed: true }, /as soon as the model is loaded/],
])('resume says what it lifted: %s', async (_, lifted, words) => {
  before = lifted;
  course = [null];
  expect((await run('resume')).stdout).toMatch(words);
});

test('waits until no job is left and the GPU is free', async () => {
  course = [
    PAUSE,
    { ...PAUSE, jobsLeft: 1 },
    { ...PAUSE, jobsLeft: 0 },
    { ...PAUSE, jobsLeft: 0, freed: true },
  ];
  const { code, stdout } = await run('pause', '--wait', '--json');
  expect([code, JSON.parse(stdout)]).toMatchObject([
    0,
    { schemaVersion: 1, stage: 'paused', before: null, order: { jobsLeft: 0, freed: true } },
  ]);
  expect(course).toHaveLength(1);
});

test.each<readonly [string, OrderView | null, RegExp]>([
  ['is lifted', null, /was lifted/],
  ['is replaced', { ...PAUSE, kind: 'drain' }, /another order has taken its place: drain/],
])('stops waiting when the order %s', async (_, then, words) => {
  course = [PAUSE, then];
  const { code, stderr } = await run('pause', '--wait');
  expect(code).toBe(1);
  expect(stderr).toMatch(words);
});

test('stops waiting when it is told to, and says that the order stands', async () => {
  signal = AbortSignal.abort();
  const { code, stderr } = await run('pause', '--wait');
  expect([code, given.length]).toEqual([1, 1]);
  expect(stderr).toContain('the order stays in force');
});

test('tells the words of a node that refuses, in its own code', async () => {
  refusal = new HaltedError('the node takes no orders while it is in stage ‘setup’', { advice: 'Wait.' });
  const { code, stderr } = await run('drain');
  expect(code).toBe(75);
  expect(stderr).toBe(
    'error: the node takes no orders while it is in stage ‘setup’ [NODE_NOT_OPERATING]\n  Wait.\n',
  );
});

test('says so when no node runs', async () => {
  await server?.close();
  server = undefined;
  const { code, stderr } = await run('pause');
  expect(code).toBe(4);
  expect(stderr).toContain('[DAEMON_NOT_RUNNING]');
});

test.each<readonly [string, unknown]>([
  ['nothing', undefined],
  ['no object', 7],
  ['no verb', {}],
  ['a verb nobody knows', { verb: 'stop' }],
  ['a field nobody knows', { verb: 'drain', force: true }],
  ['two ends', { verb: 'drain', forMs: 1, untilMs: 2 }],
  ['an end no calendar knows', { verb: 'drain', untilMs: 9e15 }],
  ['too long a note', { verb: 'drain', note: 'x'.repeat(201) }],
  ['too long a body', { verb: 'drain', pad: 'x'.repeat(5_000) }],
])('the socket refuses %s', async (_, body) => {
  const client = new Client('http://localhost', { socketPath: controlSocketOf(dataDir) });
  const { statusCode, body: answer } = await client.request({
    method: 'POST',
    path: '/order',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body) ?? '',
  });
  await answer.dump();
  await client.close();
  expect([statusCode >= 400 && statusCode < 500, given]).toEqual([true, []]);
});

test('the longest note passes, whatever characters it is made of', async () => {
  expect((await run('pause', '--note', '\u0001'.repeat(200))).code).toBe(0);
  expect(given).toEqual([{ verb: 'pause', note: '\u0001'.repeat(200) }]);
});

test('status shows who ordered what, since when, until when and why', async () => {
  course = [
    { ...PAUSE, by: 'network', sinceMs: at(9, 10), untilMs: at(10, 42), note: 'new \u001b[31mrelease' },
  ];
  expect((await run('status')).stdout).toMatch(
    /^Order +pause, by the network since 09:10, until 10:42 \(new \?\[31mrelease\); 2 jobs left$/m,
  );
});
