// The network's commands against a real admin socket: what they print where, and how they end.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { networkCommand } from '../../src/cli/network/network-command.js';
import { runCommand } from '../../src/cli/run-command.js';
import { startAdminServer } from '../../src/network/admin/admin-server.js';
import { loadOrCreatePageToken } from '../../src/pages/page-token.js';
import { DIGEST, fakeHandlers, JOB, NODE } from '../network/admin/fake-handlers.js';

let dir: string;
let close: () => Promise<void>;
let fake: ReturnType<typeof fakeHandlers>;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'net-cli-'));
  fake = fakeHandlers();
  close = await startAdminServer(join(dir, 'admin.sock'), fake.handlers, pino({ level: 'silent' }));
});
afterEach(async () => {
  await close();
  await rm(dir, { recursive: true });
});

const run = async (args: string[], more: { env?: Record<string, string>; isTTY?: boolean } = {}) => {
  let stdout = '';
  let stderr = '';
  const io = {
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
    env: { RESULTITY_NETWORK_DATA_DIR: dir, ...more.env },
    isTTY: more.isTTY ?? false,
    signal: new AbortController().signal,
  };
  const code = await runCommand(networkCommand(io), args, io);
  return { code, stdout, stderr };
};

const rows = (text: string): string[][] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {2,}/));

test('shows the status as name and value', async () => {
  const { code, stdout, stderr } = await run(['status']);
  expect(code).toBe(0);
  expect(rows(stdout)).toEqual([
    ['Network', 'devnet (chain 31337)'],
    ['URL', 'http://127.0.0.1:7530'],
    ['Genesis', DIGEST],
    ['Data', '/srv/network'],
    ['Process', '42, since 2026-11-23 07:00:00Z'],
    ['Configuration', `version 3, ${DIGEST}`],
    ['Models', 'tiny (1)'],
    ['Nodes', '1 of 2 online'],
    ['Jobs', '1 queued, 2 running'],
  ]);
  expect(stderr).toBe('');
});

test('lists nodes in columns, and no label reaches the terminal as a command', async () => {
  const { stdout } = await run(['nodes'], { isTTY: true, env: { NO_COLOR: '1' } });
  expect(rows(stdout)).toEqual([
    ['NODE', 'LABEL', 'ONLINE', 'ORDER', 'STANDING', 'OWNER', 'MODELS', 'JOBS', 'EARNED', 'LAST SEEN'],
    [
      NODE,
      'cellar ?[31m',
      'yes',
      'pause by owner until 2026-11-23 07:00:00Z: gaming ?[31m',
      'active',
      'wallet',
      'tiny',
      '1',
      '1.5',
      '2026-11-23 07:00:00Z',
    ],
  ]);
});

test.each([
  ['on a terminal', { isTTY: true, env: { TERM: 'xterm' } }, true],
  ['in a pipe', { isTTY: false }, false],
  ['when forced in a pipe', { isTTY: false, env: { FORCE_COLOR: '1' } }, true],
  ['on a dumb terminal', { isTTY: true, env: { TERM: 'dumb' } }, false],
  ['with NO_COLOR', { isTTY: true, env: { NO_COLOR: '1', FORCE_COLOR: '1' } }, false],
])('prints head lines %s', async (_title, more, isBold) => {
  const { stdout } = await run(['jobs'], more as { env?: Record<string, string> });
  expect(stdout.includes('\u001b[1mJOB')).toBe(isBold);
});

test('lists jobs and movements of credits', async () => {
  const jobs = await run(['jobs', '--limit', '7']);
  expect(fake.asked.limits).toEqual([7]);
  expect(rows(jobs.stdout)[1]).toEqual([
    JOB,
    'completed',
    'tiny',
    'chat.completions',
    'stream',
    'acme',
    '2026-11-23 07:00:00Z',
    '90',
    `${NODE.slice(0, 10)}:completed`,
  ]);
  const ledger = await run(['ledger', '--job', JOB]);
  expect(rows(ledger.stdout)[1]?.slice(1, 4)).toEqual(['settle', '-0.000009', 'acme']);
});

test('prints one line of JSON with its schema version', async () => {
  for (const args of [
    ['status'],
    ['nodes'],
    ['jobs'],
    ['ledger'],
    ['accounts', 'create', 'Acme'],
    ['accounts', 'list'],
    ['keys', 'create', 'acme'],
    ['keys', 'list'],
    ['keys', 'revoke', 'rk-0123abcd-4567cdef'],
    ['deposit', 'acme', '1'],
    ['config', 'show'],
    ['receipt', JOB],
    ['order', NODE, 'resume'],
  ]) {
    const { code, stdout, stderr } = await run([...args, '--json']);
    expect({ args, code, lines: stdout.split('\n').length, stderr }).toEqual({
      args,
      code: 0,
      lines: 2,
      stderr: '',
    });
    expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1 });
  }
});

test('prints the secret of a new key alone on stdout, and the talk on stderr', async () => {
  const { stdout, stderr } = await run(['keys', 'create', 'acme']);
  expect(stdout).toBe('rk-0123abcd-4567cdef-secretwxyz\n');
  expect(stderr).toContain('only time');
  expect(stderr).not.toContain('secretwxyz');
});

test('turns credits into micro-credits', async () => {
  const { stdout } = await run(['deposit', 'acme', '25.5']);
  expect(fake.asked.deposits).toEqual([{ namespace: 'acme', amount: '25500000' }]);
  expect(rows(stdout)).toContainEqual(['Available', '25.5']);
});

test('passes on an order, with its end as a time of day', async () => {
  const ended = Date.now() + 3_600_000;
  const { code, stdout } = await run(['order', NODE, 'pause', '--for', '1h', '--note', 'new release']);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^0x52908400098527886E0F7030069857D2E4169EE7 follows the order: pause until .*Z\.\n$/,
  );
  const [given] = fake.asked.orders as { until_ms: number }[];
  expect(given).toMatchObject({ node: NODE, verb: 'pause', note: 'new release' });
  expect(given?.until_ms).toBeGreaterThanOrEqual(ended);
});

test('says why a node does not follow an order, and ends with 6', async () => {
  const { code, stderr } = await run(['order', NODE, 'resume', '--note', 'refuse']);
  expect(code).toBe(6);
  expect(stderr).toContain('only the owner can lift that [ORDER_NOT_FOLLOWED]');
});

test('publishes the text of a draft', async () => {
  const file = join(dir, 'draft.yaml');
  await writeFile(file, 'models: []\n');
  const { code, stdout } = await run(['config', 'publish', file]);
  expect(code).toBe(0);
  expect(fake.asked.drafts).toEqual(['models: []\n']);
  expect(rows(stdout)).toEqual([
    ['Version', '4'],
    ['Digest', DIGEST],
  ]);
});

test('shows a receipt, and its typed data as JSON', async () => {
  expect(rows((await run(['receipt', JOB])).stdout)).toContainEqual(['Tokens', '3 in, 2 out']);
  const { receipts } = JSON.parse((await run(['receipt', JOB, '--json'])).stdout);
  expect(receipts[0].typed_data).toMatchObject({
    primaryType: 'Receipt',
    domain: { name: 'Resultity Node', chainId: 31337 },
    message: { job: JOB, node: NODE.toLowerCase() },
  });
});

test.each([
  ['an unknown verb', ['reboot']],
  ['an unknown flag', ['status', '--fast']],
  ['an order nobody knows', ['order', NODE, 'shutdown']],
  ['an end that has passed', ['order', NODE, 'drain', '--until', '2001-01-01T00:00:00Z']],
  ['a missing argument', ['deposit', 'acme']],
  ['credits that are no number', ['deposit', 'acme', 'all']],
  ['a limit out of range', ['jobs', '--limit', '0']],
  ['a draft that is not there', ['config', 'publish', '/nonexistent/draft.yaml']],
  ['a log level that is none', ['start', '--log-level', 'loud']],
])('ends with 2 on %s, and says why on stderr', async (_title, args) => {
  const { code, stdout, stderr } = await run(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^error: /);
});

test('ends with 4 when no network runs, in words and in JSON', async () => {
  const nowhere = join(dir, 'nowhere');
  const words = await run(['status', '--data-dir', nowhere]);
  expect(words.code).toBe(4);
  expect(words.stderr).toContain(`no network runs in ${nowhere} [NETWORK_NOT_RUNNING]`);
  expect(words.stderr).toContain('network start');
  const json = await run(['status', '--data-dir', nowhere, '--json']);
  expect(json).toMatchObject({ code: 4, stdout: '' });
  expect(JSON.parse(json.stderr)).toMatchObject({
    schemaVersion: 1,
    error: { code: 'NETWORK_NOT_RUNNING', retryable: true },
  });
});

test('ends with 1 and the words of the network when it refuses', async () => {
  const { code, stderr } = await run(['keys', 'create', 'nobody']);
  expect(code).toBe(1);
  expect(stderr).toBe('error: no namespace nobody [NOT_FOUND]\n  Make one.\n');
});

test.each([
  [[]],
  [['start']],
  [['status']],
  [['nodes']],
  [['jobs']],
  [['ledger']],
  [['accounts', 'create']],
  [['accounts', 'list']],
  [['keys', 'create']],
  [['keys', 'list']],
  [['keys', 'revoke']],
  [['deposit']],
  [['config', 'show']],
  [['config', 'publish']],
  [['receipt']],
  [['order']],
])('helps on stdout with %j', async (verb) => {
  const { code, stdout, stderr } = await run([...verb, '--help']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('Usage: ');
  if (verb.length > 0) expect(stdout).toContain('$ resultity-node network ');
});

test('prints the link to the page with the token of the data directory, and nothing without one', async () => {
  expect(await run(['page'])).toMatchObject({ code: 1, stderr: expect.stringContaining('[PAGE_TOKEN]') });
  const token = await loadOrCreatePageToken(join(dir, 'page.token'));
  expect(await run(['page'])).toMatchObject({ code: 0, stdout: `http://127.0.0.1:7531/#token=${token}\n` });
  const { stdout } = await run(['page', '--json']);
  expect(JSON.parse(stdout)).toEqual({ schemaVersion: 1, url: `http://127.0.0.1:7531/#token=${token}` });
});

test('says why there is no page', async () => {
  await close();
  const absent = { url: null, reason: 'port 7531 of 127.0.0.1 is taken', advice: 'Choose another one.' };
  const handlers = { ...fake.handlers, 'page.show': () => absent };
  close = await startAdminServer(join(dir, 'admin.sock'), handlers, pino({ level: 'silent' }));
  const { code, stdout, stderr } = await run(['page']);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain('port 7531 of 127.0.0.1 is taken [NETWORK_PAGE]\n  Choose another one.');
});

test('writes the configuration in force as a draft, and judges one without publishing', async () => {
  expect(await run(['config', 'draft'])).toEqual({ code: 0, stdout: 'models: []\n', stderr: '' });
  const [good, bad] = [join(dir, 'good.yaml'), join(dir, 'bad.yaml')];
  await writeFile(good, 'good');
  await writeFile(bad, 'bad');
  const { stdout } = await run(['config', 'check', good]);
  expect(rows(stdout)).toEqual([
    ['FIELD', 'VERSION 3', 'DRAFT'],
    ['jobs.queue_max', '4', '8'],
  ]);
  const refused = await run(['config', 'check', bad]);
  expect(refused).toMatchObject({ code: 78, stdout: '' });
  expect(refused.stderr).toContain('models: expected array [CONFIG_DRAFT]');
  expect(fake.asked.drafts).toEqual([]);
});
