// The journal's file as LMDB wrote it, damaged anywhere: LMDB has no checksums, and trusts what it reads with its life.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { CorruptEntry } from '../../../src/adapters/journal/journal-store.js';
import { openJobJournal } from '../../../src/adapters/journal/lmdb-journal.js';
import { memoryScratch } from '../memory-scratch.js';
import { PROMISED_DAMAGES } from '../promised.js';
import { FaultTally } from '../report.js';
import { isWhole, scaled, seededRandom } from '../scale.js';
import { anyDamage, type Damage } from './damages.js';
import { refusalCode } from './expect-refusal.js';
import { judgeJournal, type Life, liveJournal } from './journal-life.js';

const PAGE = 4096;

const written = async (): Promise<{ readonly whole: Buffer; readonly life: Life }> => {
  const dir = join(memoryScratch(), 'jobs');
  const journal = await openJobJournal(dir);
  const life = await liveJournal(journal);
  await journal.close();
  return { whole: readFileSync(join(dir, 'data.mdb')), life };
};

/** Bits of the heads and of the first bytes of each page, where one decides most. */
function* headBits(whole: Buffer, count: number): Generator<Damage> {
  const random = seededRandom('heads');
  for (let number = 0; number < scaled(count); number++) {
    const bytes = Buffer.from(whole);
    const page = random(whole.length / PAGE) * PAGE;
    const at = page + random(page < 2 * PAGE ? 168 : 64);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
    yield { kind: 'bit flipped in a page’s head', bytes };
  }
}

test('believes no damaged journal file, and outlives each', async () => {
  const { whole, life } = await written();
  const shuffled = Buffer.concat([whole.subarray(5 * PAGE), whole.subarray(0, 5 * PAGE)]);
  const others = [shuffled, Buffer.from(JSON.stringify({ version: 1 })), Buffer.alloc(whole.length)];
  const dir = join(memoryScratch(), 'jobs');
  const path = join(dir, 'data.mdb');
  const tally = new FaultTally('journal, data.mdb');
  onTestFinished(() => tally.file());
  const damages = [...headBits(whole, 1_500), ...anyDamage('journal file', whole, 2_000, others)];
  for (const [number, { kind, bytes }] of damages.entries()) {
    rmSync(dir, { recursive: true, force: true });
    mkdirSync(dir);
    writeFileSync(path, bytes);
    const told: CorruptEntry[] = [];
    try {
      const journal = await openJobJournal(dir, { onCorrupt: (entry) => told.push(entry) }).catch(
        refusalCode,
      );
      if (typeof journal === 'string') {
        tally.count(kind, `refused: ${journal}`);
        expect(readFileSync(path).equals(bytes)).toBe(true);
        continue;
      }
      try {
        tally.count(kind, await judgeJournal(journal, life, told));
      } finally {
        await journal.close();
      }
    } catch (cause) {
      throw new Error(`damage ${number}, ${kind}`, { cause });
    }
  }
  expect(tally.total()).toBeGreaterThan(isWhole ? PROMISED_DAMAGES['journal, data.mdb'] : 0);
});
