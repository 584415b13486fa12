// The report log over real files: numbers without holes, sealed bytes that stay, and gaps that are told.
import { createHash } from 'node:crypto';
import { appendFile, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ReportLog, SealedReport } from '../../../src/adapters/logs/report-log.js';
import { openReportLog, type ReportLogOptions } from '../../../src/adapters/logs/segment-report-log.js';

const TIME = '2023-11-14T22:13:20.000Z';
let dir: string;
let log: ReportLog;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'reports-'));
});
afterEach(async () => {
  await log.close();
  await rm(dir, { recursive: true });
});

const open = async (options: Partial<ReportLogOptions> = {}): Promise<ReportLog> => {
  log = await openReportLog(dir, { maxBytes: 1_000_000, nowMs: () => Date.parse(TIME), ...options });
  return log;
};
const line = (number: number): string => `{"n":${number}}`;
const write = (from: number, to: number): void => {
  for (let number = from; number <= to; number++) log.write(line(number));
};
const textOf = async ({ report, bytes }: SealedReport): Promise<string> =>
  Buffer.from(await log.read(report, 0, bytes)).toString();
const sealed = async (): Promise<SealedReport> => {
  const report = await log.seal();
  if (report === undefined) throw new Error('nothing was sealed');
  return report;
};
const gap = (reason: string, lines: number): string =>
  JSON.stringify({
    level: 'warn',
    time: TIME,
    component: 'report-log',
    event: 'log.gap',
    reason,
    lines,
    msg: `${lines} log line(s) are missing here`,
  });

test('seals segments that continue each other', async () => {
  await open();
  expect(await log.seal()).toBeUndefined();
  write(0, 2);
  expect(log.currentBytes()).toBe(24);
  const first = await sealed();
  expect(log.currentBytes()).toBe(0);
  write(3, 4);
  const second = await sealed();
  const bytes = `${[0, 1, 2].map(line).join('\n')}\n`;
  expect(first).toEqual({
    report: expect.stringMatching(/^[0-9A-Z]{26}$/),
    firstLine: 0,
    lines: 3,
    bytes: 24,
    sha256: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    previous: null,
  });
  expect(second).toMatchObject({ firstLine: 3, lines: 2, previous: first.sha256 });
  expect(log.sealed()).toEqual([first, second]);
  expect(await textOf(first)).toBe(bytes);
  expect(Buffer.from(await log.read(first.report, 8, 7)).toString()).toBe(line(1));
  expect(await log.read(first.report, 24, 100)).toHaveLength(0);
});

test('keeps its files to the owner', async () => {
  await open();
  write(0, 0);
  await sealed();
  write(1, 1);
  expect((await stat(dir)).mode & 0o777).toBe(0o700);
  for (const name of await readdir(dir)) expect((await stat(join(dir, name))).mode & 0o777).toBe(0o600);
});

test('continues numbers and chain after it is opened again, even if all sealed ones are gone', async () => {
  await open();
  write(0, 4);
  const first = await sealed();
  await log.remove(first.report);
  write(5, 6);
  await log.close();
  await open();
  write(7, 7);
  expect(await sealed()).toMatchObject({ firstLine: 5, lines: 3, previous: first.sha256 });
  expect(await readdir(dir)).toHaveLength(4);
});

test('cuts a torn last line and tells of it', async () => {
  await open();
  write(0, 1);
  await log.close();
  await appendFile(join(dir, 'current.ndjson'), '{"n":2,"text":"never fin');
  await open();
  write(3, 3);
  const report = await sealed();
  expect(report.lines).toBe(4);
  expect(await textOf(report)).toBe(`${[line(0), line(1), gap('torn', 1), line(3)].join('\n')}\n`);
});

test.each(['facts without a segment', 'temporary facts'])(
  'survives a sealing cut short: %s',
  async (kind) => {
    await open();
    write(0, 1);
    const { report } = await sealed();
    write(2, 3);
    await log.close();
    const facts = await readFile(join(dir, `${report}.json`), 'utf8');
    const orphan = '01HF7YAT00ZZZZZZZZZZZZZZZZ';
    await writeFile(
      join(dir, kind === 'temporary facts' ? `${orphan}.json.tmp` : `${orphan}.json`),
      facts.replace(report, orphan),
    );
    await open();
    expect(log.sealed().map((one) => one.report)).toEqual([report]);
    expect(await sealed()).toMatchObject({ firstLine: 2, lines: 2 });
  },
);

test('knows where it is when it stopped between renaming a segment and noting the position', async () => {
  await open();
  write(0, 1);
  const before = await sealed();
  const note = await readFile(join(dir, 'position.json'));
  write(2, 5);
  const last = await sealed();
  await log.close();
  await writeFile(join(dir, 'position.json'), note);
  await open();
  write(6, 6);
  expect(await sealed()).toMatchObject({ firstLine: 6, previous: last.sha256 });
  expect(before.firstLine).toBe(0);
});

test('gives up a segment whose file was cut, and tells of it', async () => {
  await open();
  write(0, 4);
  const { report } = await sealed();
  await log.close();
  await truncate(join(dir, `${report}.ndjson`), 10);
  await open();
  expect(log.sealed()).toEqual([]);
  const next = await sealed();
  expect(next.firstLine).toBe(5);
  expect(await textOf(next)).toBe(`${gap('damaged', 5)}\n`);
});

test.each([
  [
    'a changed byte',
    async (path: string) => writeFile(path, (await readFile(path, 'utf8')).replace('1', '7')),
  ],
  ['lost facts', (path: string) => rm(path.replace('.ndjson', '.json'))],
  [
    'changed facts',
    async (path: string) => {
      const facts = path.replace('.ndjson', '.json');
      await writeFile(facts, (await readFile(facts, 'utf8')).replace('"firstLine":0', '"firstLine":4'));
    },
  ],
])('gives up a segment with %s, and tells of its lines', async (_, damage) => {
  await open();
  write(0, 4);
  const { report } = await sealed();
  await log.close();
  await damage(join(dir, `${report}.ndjson`));
  await open();
  expect(log.sealed()).toEqual([]);
  const next = await sealed();
  expect(await textOf(next)).toBe(`${gap('damaged', 5)}\n`);
  expect((await readdir(dir)).sort()).toEqual(
    ['current.ndjson', `${next.report}.json`, `${next.report}.ndjson`, 'position.json'].sort(),
  );
});

test('takes up what an older node sealed, whose facts have no checksum', async () => {
  await open();
  write(0, 4);
  const report = await sealed();
  await log.close();
  const facts = join(dir, `${report.report}.json`);
  const { checksum, ...older } = JSON.parse(await readFile(facts, 'utf8')) as Record<string, unknown>;
  expect(checksum).toMatch(/^sha256:/);
  await writeFile(facts, JSON.stringify(older));
  await open();
  expect(log.sealed()).toEqual([report]);
});

test('says that it counts anew when the note of its place is damaged', async () => {
  await open();
  write(0, 4);
  await log.remove((await sealed()).report);
  await log.close();
  await writeFile(join(dir, 'position.json'), '{"firstLine":5');
  await open();
  const report = await sealed();
  expect([report.firstLine, await textOf(report)]).toEqual([0, `${gap('damaged', 0)}\n`]);
});

test('gives up what the network refuses for ever, and tells of its lines', async () => {
  await open();
  write(0, 2);
  log.giveUp((await sealed()).report);
  log.giveUp('01HF7YAT00ZZZZZZZZZZZZZZZZ');
  expect(log.sealed()).toEqual([]);
  expect(await textOf(await sealed())).toBe(`${gap('refused', 3)}\n`);
});

test('seals at another size from the moment it is told', async () => {
  await open();
  log.sealAt(40);
  write(0, 9);
  expect(log.sealed().map(({ bytes }) => bytes)).toEqual([40, 40]);
});

test('tells of a dropped segment before it is gone, so that a kill in between hides nothing', async () => {
  await open({ maxBytes: 3000, segmentBytes: 1000 });
  const texts: string[] = [];
  for (let number = 100; number < 999; number++) {
    const [before] = log.sealed();
    log.write(line(number));
    if (before !== undefined && log.sealed()[0]?.report !== before.report) {
      texts.push(await readFile(join(dir, 'current.ndjson'), 'utf8'));
    }
  }
  expect(texts.length).toBeGreaterThan(2);
  for (const text of texts) expect(text).toMatch(/"reason":"ring"[^\n]*\n$/);
});

test('seals by itself at the size of a segment and drops the oldest over the bound, with a gap record', async () => {
  await open({ maxBytes: 3000, segmentBytes: 1000 });
  write(100, 999);
  const kept = log.sealed();
  const bytes = kept.reduce((sum, one) => sum + one.bytes, 0) + log.currentBytes();
  expect(bytes).toBeLessThanOrEqual(3000);
  expect(bytes).toBeGreaterThan(1900);
  for (const [at, one] of kept.entries()) {
    const before = kept[at - 1];
    if (before !== undefined)
      expect(one).toMatchObject({ firstLine: before.firstLine + before.lines, previous: before.sha256 });
  }
  const last = kept.at(-1);
  if (last === undefined) throw new Error('nothing is sealed');
  expect(await textOf(last)).toContain('"reason":"ring"');
});

test('counts lines it cannot write and tells of them once it can', async () => {
  await open();
  log.write('x'.repeat(300_000));
  log.write('two\nlines');
  const report = await sealed();
  expect(await textOf(report)).toBe(`${gap('too_long', 1)}\ntwo lines\n`);
});

test('does not read what is not sealed, by whatever name', async () => {
  await open();
  write(0, 0);
  for (const name of ['current', '../secret', '01HF7YAT00ZZZZZZZZZZZZZZZZ']) {
    await expect(log.read(name, 0, 10)).rejects.toMatchObject({ code: 'REPORT_LOG' });
    await log.remove(name);
  }
  expect(log.currentBytes()).toBe(8);
});

test('ignores lines after it was closed, and refuses to open what is no directory', async () => {
  await open();
  await log.close();
  log.write('late');
  await expect(log.seal()).rejects.toMatchObject({ code: 'REPORT_LOG' });
  await writeFile(join(dir, 'file'), '');
  await expect(openReportLog(join(dir, 'file'), { maxBytes: 1000 })).rejects.toMatchObject({
    code: 'REPORT_LOG',
    advice: expect.any(String),
  });
});

test('has news when it holds a line that is not about the delivery of reports', async () => {
  await open();
  expect(log.hasNews()).toBe(false);
  log.write('{"event":"report.delivered"}');
  expect(log.hasNews()).toBe(false);
  log.write('{"event":"node.stage","msg":"of \\"event\\":\\"report.delivered\\""}');
  expect(log.hasNews()).toBe(true);
  expect(await sealed()).toMatchObject({ lines: 2 });
  expect(log.hasNews()).toBe(false);
  write(0, 0);
  await log.close();
  await open();
  expect(log.hasNews()).toBe(true);
});
