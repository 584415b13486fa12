// Durability against a process that dies at any moment: what was acknowledged on stdout before SIGKILL is there after.
// And against a disk that takes no more: the call fails, the process lives, and goes on once there is room.
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { openJobJournal } from '../../../src/adapters/journal/lmdb-journal.js';
import { NO_DIGEST, type Receipt } from '../../../src/protocol/receipt.js';
import { attempt, digestOfReceipt, outputOf } from './job-fixtures.js';

const KILLS = 5;
const WRITER = join(import.meta.dirname, 'write-loop.ts');
const ORDER = ['accepted', 'finished', 'receipted'];

/** Runs the writer until it has said `lines` lines, kills it, and returns all it said. */
const writeAndKill = (dir: string, first: number, lines: number): Promise<readonly string[]> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', WRITER, dir, String(first)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.split('\n').length > lines) child.kill('SIGKILL');
    });
    child.once('error', reject);
    // A torn last line was not said.
    child.once('close', () => resolve(said.split('\n').slice(0, -1)));
  });

test('loses nothing it acknowledged to five kills, and never forks the chain of receipts', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'journal-kill-'));
  let random = 20_231_117;
  const promised = new Map<number, string>();
  for (let kill = 0; kill < KILLS; kill++) {
    random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
    for (const line of await writeAndKill(dir, kill * 100_000 + 1, 50 + (random % 700))) {
      const [step = '', number = ''] = line.split(' ');
      promised.set(Number(number), step);
    }
    const corrupt: unknown[] = [];
    const journal = await openJobJournal(dir, { onCorrupt: (entry) => corrupt.push(entry) });
    const receipts: Receipt[] = [];
    for (const [number, step] of promised) {
      const record = journal.find(attempt(number));
      expect(ORDER.indexOf(record?.state ?? '')).toBeGreaterThanOrEqual(ORDER.indexOf(step));
      if (record?.state !== 'accepted') expect(journal.output(attempt(number))).toEqual(outputOf(number));
    }
    for (const { receipt } of journal.pending()) if (receipt !== null) receipts.push(receipt);
    receipts.sort((a, b) => a.seq - b.seq);
    expect(receipts.map(({ seq }) => seq)).toEqual(receipts.map((_, at) => at + 1));
    expect(receipts.map(({ previous }) => previous)).toEqual(
      [NO_DIGEST, ...receipts.map(digestOfReceipt)].slice(0, receipts.length),
    );
    expect(corrupt).toEqual([]);
    await journal.close();
  }
  expect(promised.size).toBeGreaterThan(100);
  await rm(dir, { recursive: true });
}, 60_000);

test('refuses what a full disk does not take, stays alive, and goes on when there is room again', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'journal-full-'));
  const command = 'ulimit -f 4096; exec "$0" --import tsx "$1" "$2"';
  const filler = join(import.meta.dirname, 'fill-disk.ts');
  // lmdb-js prints the failed commit to stderr by itself.
  const { stdout } = await promisify(execFile)('sh', ['-c', command, process.execPath, filler, dir]);
  expect(JSON.parse(stdout)).toMatchObject({
    number: expect.any(Number),
    failure: { code: 'JOURNAL', retryable: true, advice: expect.stringContaining('free space') },
    accepted: 1,
    outbox: 0,
  });
  const journal = await openJobJournal(dir);
  expect(journal.pending()).toHaveLength(1);
  await journal.close();
  await rm(dir, { recursive: true });
}, 30_000);
