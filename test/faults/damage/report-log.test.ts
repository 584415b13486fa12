// Sealed log segments and the facts beside them. A segment is whole by its digest; what lies beside it is only JSON.
import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import type { SealedReport } from '../../../src/adapters/logs/report-log.js';
import { openReportLog } from '../../../src/adapters/logs/segment-report-log.js';
import { memoryScratch } from '../memory-scratch.js';
import { PROMISED_DAMAGES } from '../promised.js';
import { FaultTally } from '../report.js';
import { isWhole } from '../scale.js';
import { anyDamage } from './damages.js';

const options = { maxBytes: 1_000_000, nowMs: () => 1_700_000_000_000 };

interface Written {
  readonly dir: string;
  readonly sealed: readonly SealedReport[];
}

const written = async (): Promise<Written> => {
  const dir = join(memoryScratch(), 'whole');
  const log = await openReportLog(dir, options);
  for (let number = 0; number < 9; number++) {
    log.write(JSON.stringify({ number, msg: 'a line of the log' }));
    if (number % 3 === 2) await log.seal();
  }
  log.write(JSON.stringify({ number: 9, msg: 'not sealed' }));
  const sealed = log.sealed();
  await log.close();
  return { dir, sealed };
};

interface Found {
  readonly sealed: readonly SealedReport[];
  /** Reports whose bytes have the digest their facts name. */
  readonly whole: readonly string[];
  readonly hasGap: boolean;
}

const look = async (dir: string): Promise<Found> => {
  const log = await openReportLog(dir, options);
  const sealed = log.sealed();
  const whole: string[] = [];
  for (const { report, bytes, sha256 } of sealed) {
    const content = await log.read(report, 0, bytes);
    if (`sha256:${createHash('sha256').update(content).digest('hex')}` === sha256) whole.push(report);
  }
  await log.close();
  const hasGap = readFileSync(join(dir, 'current.ndjson'), 'utf8').includes('"event":"log.gap"');
  return { sealed, whole, hasGap };
};

/** Damages one file of a whole log, again and again, and looks at what the log then says. */
const damageEach = async (
  { dir }: Written,
  name: string,
  count: number,
  visit: (kind: string, found: Found) => void,
): Promise<void> => {
  const bytes = readFileSync(join(dir, name));
  const others = readdirSync(dir).map((other) => readFileSync(join(dir, other)));
  const copy = join(memoryScratch(), 'copy');
  for (const damaged of anyDamage(name.replace(/^\w{26}/, 'segment'), bytes, count, others)) {
    rmSync(copy, { recursive: true, force: true });
    cpSync(dir, copy, { recursive: true });
    writeFileSync(join(copy, name), damaged.bytes);
    visit(damaged.kind, await look(copy));
  }
};

test('never gives out the bytes of a damaged segment as whole', async () => {
  const log = await written();
  const middle = log.sealed[1]?.report ?? '';
  const tally = new FaultTally('logs/<report>.ndjson');
  onTestFinished(() => tally.file());
  await damageEach(log, `${middle}.ndjson`, 1_500, (kind, { sealed, whole, hasGap }) => {
    expect(sealed.every((one) => log.sealed.some(({ sha256 }) => sha256 === one.sha256))).toBe(true);
    const others = log.sealed.filter(({ report }) => report !== middle).map(({ report }) => report);
    expect(whole).toEqual(others);
    if (sealed.some(({ report }) => report === middle))
      tally.count(kind, 'refused by the network: its digest');
    else {
      expect(hasGap).toBe(true);
      tally.count(kind, 'given up, and a gap told');
    }
  });
  expect(tally.total()).toBeGreaterThan(isWhole ? PROMISED_DAMAGES['logs/<report>.ndjson'] : 0);
});

test('believes no damaged facts of a segment', async () => {
  const log = await written();
  const middle = log.sealed[1];
  const tally = new FaultTally('logs/<report>.json');
  onTestFinished(() => tally.file());
  await damageEach(log, `${middle?.report}.json`, 1_500, (kind, { sealed, hasGap }) => {
    const found = sealed.find(({ report }) => report === middle?.report);
    if (found === undefined) tally.count(kind, hasGap ? 'given up, and a gap told' : 'LOST WITHOUT A WORD');
    else tally.count(kind, isDeepStrictEqual(found, middle) ? 'unharmed' : 'BELIEVED');
  });
  expect(tally.total()).toBeGreaterThan(isWhole ? PROMISED_DAMAGES['logs/<report>.json'] : 0);
  expect([tally.total('BELIEVED'), tally.total('LOST WITHOUT A WORD')]).toEqual([0, 0]);
});
