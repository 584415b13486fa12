// `report` against a control socket: what it orders, what it waits for, and what it says when that does not come.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CommandIo } from '../../src/cli/output.js';
import { reportCommand } from '../../src/cli/report.js';
import { runCommand } from '../../src/cli/run-command.js';
import { type ControlServer, startControlServer } from '../../src/console/control-server.js';
import { controlSocketOf } from '../../src/console/control-socket.js';
import type { NodeStatus, NodeView, ReportOrder } from '../../src/console/node-view.js';
import { RUNNING } from '../doctor/subject.js';
import { noSteering } from './no-steering.js';

let dataDir: string;
let server: ControlServer;
let order: ReportOrder;
/** What the status says at each look, the last one for ever. */
let reports: NodeStatus['reports'][];
const view: NodeView = {
  status: () => ({ ...RUNNING, reports: (reports.length > 1 ? reports.shift() : reports[0]) as never }),
  jobs: () => [],
  onChange: () => () => undefined,
};

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'report-'));
  order = { requested: true, waiting: 2, delivered: 5, failure: null };
  reports = [{ waiting: 2, delivered: 5 }];
  server = await startControlServer(controlSocketOf(dataDir), view, {
    ...noSteering,
    uploadReports: async () => order,
  });
});
afterEach(async () => {
  await server.close();
  rmSync(dataDir, { recursive: true });
});

const run = async (...words: string[]) => {
  const told = { stdout: '', stderr: '' };
  const io: CommandIo = {
    stdout: { write: (part: string) => (told.stdout += part) },
    stderr: { write: (part: string) => (told.stderr += part) },
    env: { RESULTITY_DATA_DIR: dataDir },
    isTTY: false,
    signal: new AbortController().signal,
  };
  return { code: await runCommand(reportCommand(io), words, io), ...told };
};

test('orders the log to be sent and says how much that is', async () => {
  expect(await run()).toMatchObject({ code: 0, stdout: expect.stringMatching(/^2 log segments on the way/) });
  expect(JSON.parse((await run('--json')).stdout)).toEqual({ schemaVersion: 1, ...order });
});

test.each<readonly [string, Partial<ReportOrder>, RegExp]>([
  ['before a network is joined', { requested: false, waiting: 0 }, /not joined a network/],
  ['with an empty log', { waiting: 0 }, /the log is empty/],
])('claims nothing %s, and does not wait for it', async (_, change, words) => {
  order = { ...order, ...change };
  expect(await run('--wait')).toMatchObject({ code: 0, stdout: expect.stringMatching(words) });
});

test('waits until the network has signed for what was sealed at the order, not for what came later', async () => {
  reports = [
    { waiting: 2, delivered: 5 },
    { waiting: 2, delivered: 6 },
    { waiting: 1, delivered: 7 },
  ];
  expect(await run('--wait')).toMatchObject({
    code: 0,
    stdout: 'The network has signed for 2 log segments.\n',
  });
});

test('fails with a code of its own when the network does not sign in time, and says why', async () => {
  const failure = { code: 'NETWORK_UNREACHABLE', message: 'no route', retryable: true };
  reports = [{ waiting: 2, delivered: 5, failure }];
  const { code, stderr } = await run('--wait', '1');
  expect(code).toBe(8);
  expect(stderr).toMatch(
    /2 log segments not delivered after 1 s: no route \[NETWORK_UNREACHABLE\] \[REPORT_NOT_DELIVERED\]/,
  );
  expect(stderr).toContain('Nothing is lost');
});

test('tells when the log could not be sealed', async () => {
  order = { ...order, failure: { code: 'REPORT_LOG', message: 'the disk is full', retryable: true } };
  expect((await run()).stderr).toContain('the disk is full [REPORT_LOG]');
});

test('refuses a time that is none', async () => {
  expect(await run('--wait', 'soon')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('1 to 86400'),
  });
});
