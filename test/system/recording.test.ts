// A real node is recorded from its first event to its last, with jobs, a client that goes away and a
// network that was away, and every statechart of it comes to the same when it is played back.
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { machines } from '../../src/machines/catalog.js';
import { chartDigests } from '../../src/replay/chart-digest.js';
import { replayRecording } from '../../src/replay/replay-recording.js';
import { run, startNetworkProcess, until } from '../e2e/processes.js';
import { startWholeSystem, untilAcknowledged, untilReady } from '../e2e/whole-system.js';
import { type Mutant, mutate } from '../model/mutate.js';

const PROMPT = 'canary-prompt-4711';

const elsewhere =
  (initial: string): ((found: never) => unknown) =>
  () =>
    initial;

/** One fault for each statechart, which its part in the story must show. */
const faults: Readonly<Record<string, Mutant>> = {
  node: { fault: 'begins elsewhere', at: ['initial'], change: elsewhere('halted') },
  link: { fault: 'begins elsewhere', at: ['initial'], change: elsewhere('waiting') },
  job: {
    fault: 'is recorded before it is validated',
    at: ['states', 'validating', 'invoke', 'id'],
    change: elsewhere('other'),
  },
  configSync: {
    fault: 'fetches nothing',
    at: ['states', 'fetching', 'invoke', 'id'],
    change: elsewhere('other'),
  },
  model: { fault: 'inspects nothing', at: ['initial'], change: elsewhere('inactive') },
  runtime: { fault: 'begins elsewhere', at: ['initial'], change: elsewhere('quarantined') },
  report: { fault: 'seals before it collects', at: ['initial'], change: elsewhere('sealing') },
};

const replayWith = (path: string, charts: Readonly<Record<string, AnyStateMachine>>) =>
  replayRecording(createInterface({ input: createReadStream(path) }), {
    machines: charts,
    charts: chartDigests(charts),
  });

test('a whole life replays to its end, and every statechart that was changed is found', async () => {
  let path = '';
  const system = await startWholeSystem({
    tokensPerSecond: 200,
    get more() {
      return ['--record', path];
    },
    before: (directory) => {
      path = join(directory, 'node.ndjson');
    },
  });
  const { client, network, node, directory } = system;
  const ask = (signal?: AbortSignal) =>
    client.chat.completions.create(
      { model: 'demo-chat', messages: [{ role: 'user', content: PROMPT }], max_tokens: 40 },
      { signal },
    );
  await Promise.all([ask(), ask(), ask()]);
  await expect(ask(AbortSignal.timeout(100))).rejects.toThrow();
  await network.kill('SIGKILL');
  await until(
    'the node has lost its network',
    () => node.control.status(),
    ({ network: { connected } }) => !connected,
  );
  const port = Number(new URL(network.url).port);
  await startNetworkProcess(directory, port);
  await untilReady(node);
  await ask();
  await untilAcknowledged(node);
  await node.kill('SIGTERM');

  const text = await readFile(path, 'utf8');
  expect(text).not.toContain(PROMPT);
  const { stdout, code, stderr } = await run(['replay', path, '--json']);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const outcome = JSON.parse(stdout) as Record<string, unknown>;
  expect(outcome).toMatchObject({ difference: null, otherCharts: [], ended: null, isTorn: false });
  expect(outcome.events).toBeGreaterThan(100);

  const seen = new Set(text.split('\n').map((line) => /"machine":"(\w+)"/.exec(line)?.[1]));
  for (const [name, machine] of Object.entries(machines)) {
    expect(seen, 'statecharts in the recording').toContain(name);
    const fault = faults[name];
    if (fault === undefined) throw new Error(`no fault is planned for ${name}`);
    const { difference, otherCharts } = await replayWith(path, {
      ...machines,
      [name]: mutate(machine, fault),
    });
    expect(otherCharts).toEqual([name]);
    expect(difference?.machine, fault.fault).toBe(name);
  }
});
