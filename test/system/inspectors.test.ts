// Inspectors that were made for other versions and other homes look at a real node at work: they see every statechart
// where it truly is, as its recording says, and nothing that is not theirs to see.
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import type { AnyStateMachine, StateValue } from 'xstate';
import { machines } from '../../src/machines/catalog.js';
import { type RecordingLine, recordingLine } from '../../src/replay/recording-lines.js';
import { until } from '../e2e/processes.js';
import { draftIn, publish, startWholeSystem, untilAcknowledged } from '../e2e/whole-system.js';
import { type ReceiverLine, startClassicReceiver } from './classic-receiver.js';
import { startStatelyRelay } from './stately-relay.js';

const PROMPT = 'canary-prompt-8d1f';

/** The port the node says it listens on. */
const portOf = (log: string): number | undefined => {
  const found = log.split('\n').find((text) => text.includes('"classic.listening"'));
  return found === undefined ? undefined : Number(JSON.parse(found).port);
};

const activeIn = (machine: AnyStateMachine, value: unknown): readonly string[] =>
  machine
    .resolveState({ value: value as StateValue, context: {} })
    ._nodes.map(({ id }) => id)
    .sort();

const readRecording = async (path: string): Promise<readonly RecordingLine[]> => {
  const lines: RecordingLine[] = [];
  let isHeader = true;
  for await (const text of createInterface({ input: createReadStream(path) })) {
    if (!isHeader) lines.push(recordingLine.parse(JSON.parse(text)));
    isHeader = false;
  }
  return lines;
};

/** Where each machine of the recording stood, in time, by session. */
const truth = (recording: readonly RecordingLine[]) => {
  const courses = new Map<string, { machine: string; parent: string | null; steps: string[] }>();
  for (const line of recording) {
    if (line.kind === 'actor') {
      courses.set(line.actor, { machine: line.machine, parent: line.parent, steps: [] });
    }
    if (line.kind === 'end') continue;
    const course = courses.get(line.actor);
    const machine = machines[course?.machine ?? ''];
    if (machine === undefined) throw new Error('an unknown machine was recorded');
    course?.steps.push(activeIn(machine, line.value).join(' '));
  }
  return courses;
};

const isShown = (line: ReceiverLine) => line.type === 'service.register' || line.type === 'service.state';

test('the receiver of @xstate/inspect sees every statechart of a working node where it is, and no secret', async () => {
  let path = '';
  const relay = await startStatelyRelay();
  const system = await startWholeSystem({
    tokensPerSecond: 200,
    get more() {
      return ['--record', path, '--inspect-classic', '0', '--inspect-stately', relay.url];
    },
    before: (directory) => {
      path = join(directory, 'node.ndjson');
    },
  });
  const { node, client } = system;
  const port = portOf(node.output.stdout);
  const receiver = startClassicReceiver(port ?? 0);
  await until(
    'the receiver sees the node',
    async () => receiver.lines.length,
    (count) => count > 10,
  );

  const ask = () =>
    client.chat.completions.create({
      model: 'demo-chat',
      max_tokens: 40,
      messages: [{ role: 'user', content: PROMPT }],
    });
  const answers = await Promise.all([ask(), ask(), ask()]);
  await untilAcknowledged(node);
  const version = await publish(system.network, await draftIn(system.directory, 2));
  await until(
    'the node has taken up the configuration',
    () => node.control.status(),
    ({ config }) => config?.version === version,
  );

  // As the viewer's buttons do; nobody may.
  const root = receiver.lines.find((line) => line.type === 'service.register' && line.machine === 'node');
  if (root?.type !== 'service.register') throw new Error('the node was not registered');
  receiver.sendEvent(root.sessionId);
  await until(
    'the node says that it refuses an event',
    async () => node.output.stdout,
    (log) => log.includes('"classic.refused"'),
  );
  expect((await node.control.status()).network.connected).toBe(true);

  expect(await node.kill('SIGTERM')).toBe(0);
  const { lines } = receiver;
  await until(
    'the receiver heard the end',
    async () => lines.at(-1)?.type,
    (type) => type === 'service.stop',
  );
  const courses = truth(await readRecording(path));

  expect(lines.filter(({ type }) => type === 'complaint')).toEqual([]);
  expect(lines.length).toBeGreaterThan(200);
  const registered = lines.filter((line) => line.type === 'service.register');
  expect([...new Set(registered.map(({ machine }) => machine))]).toEqual(
    expect.arrayContaining(Object.keys(machines)),
  );

  // Whatever was shown of a machine is how it went on from where the viewer came, or from its start.
  let compared = 0;
  for (const { sessionId, parent, machine } of registered) {
    const course = courses.get(sessionId);
    if (course === undefined) {
      expect(Object.keys(machines)).not.toContain(machine);
      continue;
    }
    compared++;
    expect(machine).toBe(course.machine);
    expect(parent).toBe(course.parent);
    const shown = lines.flatMap((line) =>
      isShown(line) && line.sessionId === sessionId ? line.active.join(' ') : [],
    );
    expect(shown).toEqual(course.steps.slice(-shown.length));
  }
  expect(compared).toBeGreaterThanOrEqual(Object.keys(machines).length + 2);

  // A parent is told of before its children.
  const order = registered.map(({ sessionId }) => sessionId);
  for (const { sessionId, parent } of registered) {
    if (parent !== null) expect(order.indexOf(parent)).toBeLessThan(order.indexOf(sessionId));
  }
  expect(registered.filter(({ parent }) => parent === null).map(({ machine }) => machine)).toEqual(
    expect.arrayContaining(['runtime', 'node']),
  );

  // The newer inspector's own receiver was there from the start, and saw every machine go its whole way.
  const { received } = relay;
  for (const [session, { machine, steps }] of courses) {
    const chart = machines[machine] as AnyStateMachine;
    const shown = received.flatMap((message) =>
      message.sessionId === session && message.type !== '@xstate.event'
        ? activeIn(chart, (message.snapshot as { value?: unknown }).value).join(' ')
        : [],
    );
    expect(shown.slice(-steps.length)).toEqual(steps.slice(-shown.length));
    expect(shown.length).toBeGreaterThan(0);
  }
  expect(new Set(received.map(({ type }) => type))).toEqual(
    new Set(['@xstate.actor', '@xstate.event', '@xstate.snapshot']),
  );

  const keyFile = await readFile(join(node.dataDir, 'identity.json'), 'utf8');
  const secrets = [
    PROMPT,
    system.apiKey,
    ...answers.map(({ choices }) => choices[0]?.message.content ?? ''),
    ...(keyFile.match(/[0-9a-f]{64}/gi) ?? []),
  ];
  expect(secrets.length).toBeGreaterThan(5);
  const texts = [receiver.text(), JSON.stringify(received)];
  for (const secret of secrets) {
    expect(secret).toMatch(/.{8}/);
    for (const text of texts) expect(text).not.toContain(secret);
  }
}, 180_000);
