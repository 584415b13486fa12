// What the console's feed costs the node: the lives of jobs through their real statechart, beside a node's own, without an
// observer, with one that does nothing, recorded for nobody, with one viewer, and with one that has stopped reading. All in
// one run, in turns, by the processor time of this process alone: so other work on the machine does not count, the ratios
// say something, and the rates are those of this machine.
import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { createActor, type EventObject, type InspectionEvent } from 'xstate';
import { jobMachine } from '../src/machines/job-machine.js';
import { nodeMachine } from '../src/machines/node-machine.js';
import { openConsoleRig, TOKEN } from '../test/console/http/console-rig.js';
import type { ControlledActor } from '../test/model/controlled-actor.js';
import { prepareBench } from '../test/model/rig.js';
import { jobInput } from '../test/model/worlds/job-world.js';
import { median, rounded } from './statistics.js';

const { values } = parseArgs({
  options: {
    lives: { type: 'string', default: '1500' },
    repetitions: { type: 'string', default: '5' },
    out: { type: 'string', default: 'bench/results/feed.json' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log('npm run bench:feed -- [--lives 1500] [--repetitions 5] [--out FILE]');
  process.exit(0);
}

type Inspect = (event: InspectionEvent) => void;
const lives = Number(values.lives);
const job = prepareBench(jobMachine);
const node = prepareBench(nodeMachine);

/** Ends a service that runs, as it would in life. */
const finish = (services: readonly ControlledActor[], id: string, output?: unknown): void => {
  const service = services.findLast((one) => one.id === id && one.alive);
  if (service === undefined) throw new Error(`no service ${id} runs`);
  service.finish(output);
};

const operatingNode = (inspect: Inspect | undefined) => {
  const actor = createActor(node.machine, { id: 'node-0', ...(inspect && { inspect }) });
  const services: ControlledActor[] = [];
  node.rolls.set(actor.system, services);
  actor.start();
  finish(services, 'openIdentity', { nodeId: 'n' });
  finish(services, 'probeHost');
  finish(services, 'joinNetwork', { network: 'net', registered: true });
  finish(services, 'recallOrder', null);
  finish(services, 'loadConfig', null);
  return actor;
};

/** One attempt from its offer to its end, and what the node's own chart hears of it. */
const live = (inspect: Inspect | undefined, tellNode: (event: EventObject) => void): void => {
  const actor = createActor(job.machine, {
    id: 'job-slot-0',
    input: jobInput('new'),
    ...(inspect && { inspect }),
  });
  const services: ControlledActor[] = [];
  job.rolls.set(actor.system, services);
  actor.start();
  finish(services, 'validateJob', null);
  finish(services, 'recordJob');
  tellNode({ type: 'jobs.changed', load: { busy: 1, outbox: 0 } } as EventObject);
  actor.send({ type: 'slot.granted' });
  finish(services, 'runInference', { outcome: 'completed', reason: null });
  finish(services, 'signReceipt');
  tellNode({ type: 'jobs.changed', load: { busy: 0, outbox: 1 } } as EventObject);
  actor.send({ type: 'place.granted' });
  finish(services, 'submitResult');
  actor.send({ type: 'result.acknowledged', verdict: 'accepted' } as EventObject);
  finish(services, 'concludeJob');
  tellNode({ type: 'jobs.changed', load: { busy: 0, outbox: 0 } } as EventObject);
};

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** @returns seconds of processor time */
const run = async (inspect: Inspect | undefined): Promise<number> => {
  const actor = operatingNode(inspect);
  const began = process.cpuUsage();
  for (let at = 0; at < lives; at++) {
    live(inspect, (event) => actor.send(event as never));
    await turn();
  }
  const { user, system } = process.cpuUsage(began);
  actor.stop();
  return (user + system) / 1e6;
};

/** Events as XState delivers them, of one run. */
const eventsPerRun = async (): Promise<number> => {
  let count = 0;
  await run((event) => {
    if (event.type === '@xstate.event') count++;
  });
  return count;
};

/** A page in a process of its own, which reads all it is told. */
const readingViewer = async (url: string): Promise<() => void> => {
  const script = `
    const { WebSocket } = require('ws');
    const [, url, ...protocols] = process.argv;
    const ws = new WebSocket(url, protocols);
    ws.once('message', () => console.log('here'));
    ws.on('message', (data) => JSON.parse(data.toString()));`;
  const address = `${url.replace('http', 'ws')}/api/feed`;
  const child = spawn(process.execPath, ['-e', script, address, 'resultity.console.v1', `token.${TOKEN}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve, reject) => {
    child.stdout.once('data', resolve);
    child.once('exit', () => reject(new Error('the viewer ended')));
  });
  return () => void child.kill();
};

const stalledViewer = async (url: string): Promise<Socket> => {
  const { hostname, port, host } = new URL(url);
  const socket = createConnection({ host: hostname, port: Number(port) });
  socket.write(
    [
      'GET /api/feed HTTP/1.1',
      `Host: ${host}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      `Sec-WebSocket-Protocol: resultity.console.v1, token.${TOKEN}`,
      '\r\n',
    ].join('\r\n'),
  );
  await new Promise((resolve) => socket.once('data', resolve));
  return socket.pause();
};

const MODES = {
  off: () => run(undefined),
  idleObserver: () => run(() => undefined),
  recorded: async () => {
    const rig = await openConsoleRig();
    const took = await run(rig.observers.observe);
    await rig.close();
    return took;
  },
  oneViewer: async () => {
    const rig = await openConsoleRig();
    const leave = await readingViewer(rig.server.url);
    const took = await run(rig.observers.observe);
    leave();
    await rig.close();
    return took;
  },
  stalledViewer: async () => {
    const rig = await openConsoleRig();
    const socket = await stalledViewer(rig.server.url);
    const took = await run(rig.observers.observe);
    socket.destroy();
    await rig.close();
    return took;
  },
} as const;
type Mode = keyof typeof MODES;

await run(undefined); // warms up
const events = await eventsPerRun();
const took: Record<Mode, number[]> = {
  off: [],
  idleObserver: [],
  recorded: [],
  oneViewer: [],
  stalledViewer: [],
};
const names = Object.keys(MODES) as Mode[];
for (let at = 0; at < Number(values.repetitions); at++) {
  for (const mode of names) took[mode].push(await MODES[mode]());
}

const rate = (mode: Mode): number => events / median(took[mode]);
const report = {
  benchmark: 'feed',
  lives,
  eventsPerRun: events,
  repetitions: Number(values.repetitions),
  node: process.version,
  machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
  takenAt: new Date().toISOString(),
  /** Of processor time. */
  eventsPerSecond: Object.fromEntries(names.map((mode) => [mode, Math.round(rate(mode))])),
  /** Of the rate without an observer. */
  share: Object.fromEntries(names.map((mode) => [mode, rounded(rate(mode) / rate('off'))])),
  /** What an event costs more than without an observer. */
  microsecondsMore: Object.fromEntries(
    names.map((mode) => [mode, rounded((1 / rate(mode) - 1 / rate('off')) * 1e6, 1)]),
  ),
};
console.log(JSON.stringify(report, null, 2));
await mkdir(dirname(values.out), { recursive: true });
await writeFile(values.out, `${JSON.stringify(report, null, 2)}\n`);
