// The log's way to the network, over the network's real HTTP side: through days without one, cuts, kills and lies.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createActor, SimulatedClock, waitFor } from 'xstate';
import { ONLINE } from '../../scripts/vectors/samples.js';
import { ManualClock } from '../../src/adapters/host/manual-clock.js';
import { identityOf } from '../../src/adapters/identity/private-identity.js';
import { createLogger } from '../../src/adapters/logs/create-logger.js';
import type { ReportLog } from '../../src/adapters/logs/report-log.js';
import { ReportLogError } from '../../src/adapters/logs/report-log-error.js';
import { openReportLog } from '../../src/adapters/logs/segment-report-log.js';
import type { NetworkHttp } from '../../src/adapters/network-http/network-http.js';
import {
  NetworkRefusedError,
  NetworkUnreachableError,
} from '../../src/adapters/network-http/network-http-errors.js';
import { createNetworkHttp } from '../../src/adapters/network-http/undici-network-http.js';
import { reportMachine } from '../../src/machines/report-machine.js';
import { decodeFrame } from '../../src/protocol/frame.js';
import { type ReportManifest, type ReportReceipt, reportManifest } from '../../src/protocol/http.js';
import { LIMITS } from '../../src/protocol/limits.js';
import { signDocument } from '../../src/protocol/signed-document.js';
import { createConfigInForce } from '../../src/services/config-in-force.js';
import * as service from '../../src/services/deliver-report.js';
import { createMembership } from '../../src/services/membership.js';
import { scratch } from '../adapters/state/scratch.js';
import { type HttpRig, NOW, startHttpRig } from '../network/http-nodes/http-rig.js';
import { joinedNetwork, rememberingLogger } from './rig.js';

/** The rig's first node. */
const IDENTITY = identityOf(`0x${'0'.repeat(63)}1`);
const RETRY_MS = 300_000;

let rig: HttpRig;
let dir: string;
let logs: ReportLog[];
beforeEach(async () => {
  rig = await startHttpRig({ reports: 1_000_000 });
  await rig.register(rig.one);
  dir = join(await scratch(), 'logs');
  logs = [];
});
afterEach(async () => {
  for (const log of logs) await log.close();
  await rig.close();
});

const open = async (maxBytes = 1_000_000, segmentBytes?: number): Promise<ReportLog> => {
  const log = await openReportLog(dir, {
    maxBytes,
    ...(segmentBytes === undefined ? {} : { segmentBytes }),
    nowMs: () => NOW,
  });
  logs.push(log);
  return log;
};

let written = 0;
const write = (log: ReportLog, lines: number): void => {
  for (let at = 0; at < lines; at++) log.write(JSON.stringify({ n: written++, msg: 'x'.repeat(80) }));
};

/** What stands between node and network, and what went through. */
const betweenThem = () => {
  const http = createNetworkHttp(rig.url, { agentVersion: '0' });
  const wire = {
    isDown: false,
    manifests: [] as ReportManifest[],
    offsets: [] as number[],
    /** After this piece the answer is lost. */
    cutAfterPiece: 0,
    receipt: undefined as ((receipt: Uint8Array) => Uint8Array) | undefined,
  };
  const unreachable = (): NetworkUnreachableError => new NetworkUnreachableError('no route');
  const through: NetworkHttp = {
    ...http,
    openReport: async (frame, signal) => {
      if (wire.isDown) throw unreachable();
      const { body } = decodeFrame(frame, LIMITS.controlBytes);
      wire.manifests.push(reportManifest.parse(JSON.parse(Buffer.from(body).toString())));
      return http.openReport(frame, signal);
    },
    sendReport: async (report, offset, piece, signal) => {
      wire.offsets.push(offset);
      const answer = await http.sendReport(report, offset, piece, signal);
      if (wire.offsets.length === wire.cutAfterPiece) throw unreachable();
      return answer instanceof Uint8Array ? (wire.receipt?.(answer) ?? answer) : answer;
    },
  };
  return { wire, through };
};

/** The report machine as the daemon runs it, over a clock the test moves. */
const deliverer = (
  log: ReportLog,
  http: NetworkHttp,
  { intervalMs = (): number => 60_000, logger = rememberingLogger().logger } = {},
) => {
  const membership = createMembership();
  membership.identity.set(IDENTITY);
  const { network, root } = rig.keys;
  membership.network.set(joinedNetwork(undefined, { network, root, reports: log }));
  const parts = {
    http,
    membership,
    config: createConfigInForce(),
    clock: new ManualClock(NOW),
    logger,
    receipts: new Map<string, Uint8Array>(),
  };
  const clock = new SimulatedClock();
  const actor = createActor(
    reportMachine.provide({
      actors: {
        sealReport: service.sealReport(parts),
        uploadReport: service.uploadReport(parts),
        confirmReport: service.confirmReport(parts),
        pruneReport: service.pruneReport(parts),
      },
      delays: { reportInterval: intervalMs },
    }),
    { clock },
  ).start();
  const rest = () =>
    waitFor(actor, (snapshot) => snapshot.matches('collecting') || snapshot.matches('waiting'));
  return {
    /** Lets time pass, and then everything that became due. */
    pass: async (ms: number) => {
      clock.increment(ms);
      return rest();
    },
    request: async () => {
      actor.send({ type: 'report.requested' });
      return rest();
    },
    reschedule: () => actor.send({ type: 'report.rescheduled' }),
    stop: () => void actor.stop(),
  };
};

/** Every uploaded segment's text, by its id. */
const uploaded = async (): Promise<ReadonlyMap<string, string>> => {
  const folder = join(rig.reportsDirectory, rig.one.id.toLowerCase());
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.ndjson')).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return new Map(names.map((name, at) => [name.slice(0, 26), texts[at] ?? '']));
};

test('keeps within its bound through three days without a network, then delivers what is left in order, each once', {
  timeout: 60_000,
}, async () => {
  const log = await open(40_000, 4_000);
  const { wire, through } = betweenThem();
  const { pass, stop } = deliverer(log, through);
  wire.isDown = true;
  for (let hours = 0; hours < 3 * 24; hours++) {
    write(log, 12);
    await pass(3_600_000);
    const held = log.sealed().reduce((sum, { bytes }) => sum + bytes, log.currentBytes());
    expect(held).toBeLessThanOrEqual(40_000);
  }
  const waiting = log.sealed();
  expect(waiting.length).toBeGreaterThan(5);
  wire.isDown = false;
  await pass(RETRY_MS);
  await pass(60_000);
  stop();
  expect(log.sealed()).toEqual([]);
  const { manifests } = wire;
  expect(manifests.map(({ report }) => report).slice(0, waiting.length)).toEqual(
    waiting.map(({ report }) => report),
  );
  for (const [at, { first_line, previous }] of manifests.entries()) {
    const before = manifests[at - 1];
    if (before !== undefined)
      expect([first_line, previous]).toEqual([before.first_line + before.lines, before.sha256]);
  }
  expect(manifests[0]?.first_line).toBeGreaterThan(0);
  const texts = [...(await uploaded()).values()];
  expect(texts.join('')).toContain('"event":"log.gap","reason":"ring"');
  const numbers = texts
    .join('')
    .split('\n')
    .filter((line) => line.startsWith('{"n":'))
    .map((line) => (JSON.parse(line) as { n: number }).n);
  expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, at) => written - numbers.length + at));
});

test('goes on after a cut where the network stands', async () => {
  const log = await open(2_000_000, 1_000_000);
  write(log, 6_000);
  const { wire, through } = betweenThem();
  const { pass, request, stop } = deliverer(log, through);
  wire.cutAfterPiece = 2;
  expect((await request()).value).toBe('waiting');
  await pass(RETRY_MS);
  stop();
  const pieces = Math.ceil((wire.manifests[0]?.bytes ?? 0) / LIMITS.logPieceBytes);
  expect(pieces).toBeGreaterThan(2);
  expect(wire.offsets).toEqual(Array.from({ length: pieces }, (_, at) => at * LIMITS.logPieceBytes));
  expect(log.sealed()).toEqual([]);
});

test('keeps a segment’s id over a kill between sealing and uploading, and between uploading and deleting', async () => {
  const killed = await open();
  write(killed, 10);
  const sealed = await killed.seal();
  const second = await open(); // what the killed one left is all there is
  expect(second.sealed()).toEqual([sealed]);
  const { wire, through } = betweenThem();
  wire.cutAfterPiece = 1; // the network has it all, and the receipt is lost with the process
  const once = deliverer(second, through);
  await once.request();
  once.stop();
  const third = await open();
  const again = deliverer(third, through);
  await again.request();
  again.stop();
  expect(third.sealed()).toEqual([]);
  expect(wire.manifests.map(({ report }) => report)).toEqual([sealed?.report, sealed?.report]);
  expect([...(await uploaded()).keys()]).toEqual([sealed?.report]);
});

test('announces nothing whose id the disk has not taken: a power cut could give its lines another', async () => {
  const log = await open();
  write(log, 10);
  let isBroken = true;
  const dying = new Proxy(log, {
    get: (target, name) => {
      if (name === 'secure' && isBroken) return () => Promise.reject(new ReportLogError('the disk fails'));
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const { wire, through } = betweenThem();
  const { pass, request, stop } = deliverer(dying, through);
  expect((await request()).value).toBe('waiting');
  expect(wire.manifests).toEqual([]);
  isBroken = false;
  expect((await pass(RETRY_MS)).context.delivered).toBe(1);
  stop();
});

const forged = (change: Partial<ReportReceipt>, signer = rig.keys.online, node = rig.one.id): Buffer => {
  const { manifests } = current;
  const { report = '', sha256 = '', bytes = 0 } = manifests.at(-1) ?? {};
  const body = { node, report, sha256, bytes, ...change };
  const facts = { kind: 'report.receipt', role: 'online', seq: 0, timeMs: NOW, node } as const;
  return signDocument(rig.keys.network, facts, Buffer.from(JSON.stringify(body)), [signer]);
};
let current: { manifests: ReportManifest[] };

test.each([
  ['signed by a stranger', () => forged({}, ONLINE)],
  ['for other bytes', () => forged({ sha256: `sha256:${'a'.repeat(64)}` })],
  ['for fewer bytes', () => forged({ bytes: 1 })],
  ['for another report', () => forged({ report: '01JGFJJZ00TESTTESTTESTTEST' })],
  ['for another node', () => forged({}, rig.keys.online, rig.two.id)],
  ['that is none', () => Buffer.from('thank you')],
])('deletes nothing against a receipt %s', async (_, lie) => {
  const log = await open();
  write(log, 10);
  const { wire, through } = betweenThem();
  current = wire;
  wire.receipt = lie;
  const { pass, request, stop } = deliverer(log, through);
  const { value, context } = await request();
  expect([value, context.delivered, log.sealed().length]).toEqual(['waiting', 0, 1]);
  wire.receipt = undefined;
  expect((await pass(RETRY_MS)).context.delivered).toBe(1);
  expect(log.sealed()).toEqual([]);
  stop();
});

test('does not wait for a segment that had to make room', async () => {
  const log = await open(10_000, 2_000);
  write(log, 5);
  const { wire, through } = betweenThem();
  wire.isDown = true;
  const { pass, request, stop } = deliverer(log, through);
  const { context } = await request();
  const first = log.sealed()[0]?.report;
  expect(context.report).toBe(first);
  write(log, 200);
  expect(log.sealed().map(({ report }) => report)).not.toContain(first);
  wire.isDown = false;
  expect((await pass(RETRY_MS)).value).toBe('collecting');
  stop();
  expect(log.sealed()).toEqual([]);
  expect([...(await uploaded()).keys()]).not.toContain(first);
});

test('gives up what the network will never take, delivers what comes after, and tells of it with the next lines', async () => {
  const log = await open();
  write(log, 10);
  const sealed = await log.seal();
  if (sealed === undefined) throw new Error('nothing was sealed');
  const { report } = sealed;
  const other = { node: rig.one.id, report, first_line: 9, lines: 1, bytes: 1, sha256: sealed.sha256 };
  const taken = rig.one.sign('report.manifest', { ...other, previous: null });
  expect((await rig.call('POST', '/v1/reports', taken)).status).toBe(200);
  write(log, 1);
  const { through } = betweenThem();
  const { request, stop } = deliverer(log, through);
  expect((await request()).value).toBe('collecting');
  expect(log.sealed()).toEqual([]);
  expect((await uploaded()).size).toBe(1);
  write(log, 1);
  await request();
  stop();
  const texts = [...(await uploaded()).values()];
  expect(texts.join('')).toContain('"event":"log.gap","reason":"refused","lines":10');
});

test('waits for the first report as long as the configuration says, once there is one', async () => {
  const log = await open();
  write(log, 1);
  let intervalMs = 60_000;
  const { through, wire } = betweenThem();
  const { pass, reschedule, stop } = deliverer(log, through, { intervalMs: () => intervalMs });
  intervalMs = 5_000;
  reschedule();
  expect((await pass(4_999)).context.delivered).toBe(0);
  expect((await pass(1)).context.delivered).toBe(1);
  write(log, 1);
  expect((await pass(5_000)).context.delivered).toBe(2);
  stop();
  expect(wire.manifests).toHaveLength(2);
});

test('at level debug a report is followed by none about its own delivery', async () => {
  const log = await open();
  const { logger, attachReports } = createLogger({
    level: 'debug',
    format: 'json',
    sink: { write: () => {} },
  });
  attachReports(log);
  logger.info({ event: 'node.stage' }, 'ready');
  const { through, wire } = betweenThem();
  const { pass, stop } = deliverer(log, through, { logger });
  for (let times = 0; times < 3; times++)
    expect((await pass(60_000)).context).toMatchObject({ delivered: 1, failures: 0 });
  expect(log.currentBytes()).toBeGreaterThan(0);
  logger.info({ event: 'node.stage' }, 'draining');
  expect((await pass(60_000)).context.delivered).toBe(2);
  stop();
  const [first, second] = [...(await uploaded()).values()];
  expect(first).not.toContain('report.delivered');
  expect(second).toMatch(/"event":"report\.delivered".*\n.*"draining"/);
  expect(wire.manifests).toHaveLength(2);
});

test('a network that takes no report is not sent one about each refusal', async () => {
  const log = await open();
  const { logger, attachReports } = createLogger({
    level: 'info',
    format: 'json',
    sink: { write: () => {} },
  });
  attachReports(log);
  logger.info({ event: 'node.stage' }, 'ready');
  const { through } = betweenThem();
  let asked = 0;
  const refusing: NetworkHttp = {
    ...through,
    openReport: () => {
      asked += 1;
      const problem = { type: 'about:blank', title: 'too large', status: 413, code: 'report_too_large' };
      return Promise.reject(new NetworkRefusedError('too large', 413, problem, undefined));
    },
  };
  const { pass, stop } = deliverer(log, refusing, { logger });
  for (let times = 0; times < 3; times++) await pass(60_000);
  expect(asked).toBe(1);
  stop();
});
