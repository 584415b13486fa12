// One suite for the journal on disk and the one in memory: what services may rely on.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JobJournal } from '../../../src/adapters/journal/job-journal.js';
import { openJobJournal } from '../../../src/adapters/journal/lmdb-journal.js';
import { createMemoryJournal } from '../../../src/adapters/journal/memory-journal.js';
import type { JournalOptions } from '../../../src/adapters/journal/stored-journal.js';
import { NO_DIGEST } from '../../../src/protocol/receipt.js';
import {
  acceptedRecord,
  attempt,
  DAY_MS,
  digestOfReceipt,
  executionOf,
  outputOf,
  receiptOf,
  START_MS,
} from './job-fixtures.js';

let dir: string;
let journal: JobJournal;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'journal-'));
});
afterEach(async () => {
  await journal.close();
  await rm(dir, { recursive: true });
});

const kinds: readonly [string, (options?: JournalOptions) => Promise<JobJournal>][] = [
  ['on disk', (options) => openJobJournal(dir, options)],
  ['in memory', async (options) => createMemoryJournal(options)],
];

const conclude = async (number: number, nowMs: number): Promise<void> => {
  await journal.accept(acceptedRecord(number));
  await journal.finish(attempt(number), executionOf(number), outputOf(number));
  await journal.receipt(attempt(number), receiptOf(number), digestOfReceipt);
  await journal.acknowledge(attempt(number), 'accepted', nowMs);
};

describe.each(kinds)('a job journal %s', (_kind, open) => {
  test('walks an attempt from acceptance to acknowledgement', async () => {
    journal = await open();
    const record = acceptedRecord(1);
    await journal.accept(record);
    expect(journal.find(attempt(1))).toEqual(record);
    expect(journal.output(attempt(1))).toBeUndefined();

    await journal.finish(attempt(1), executionOf(1), outputOf(1));
    const finished = { ...record, state: 'finished', execution: executionOf(1) };
    expect(journal.find(attempt(1))).toEqual(finished);
    expect(journal.output(attempt(1))).toEqual(outputOf(1));

    const receipt = await journal.receipt(attempt(1), receiptOf(1), digestOfReceipt);
    expect(receipt).toEqual(receiptOf(1)(1, NO_DIGEST));
    expect(journal.find(attempt(1))).toEqual({ ...finished, state: 'receipted', receipt });

    await journal.acknowledge(attempt(1), 'accepted', START_MS + 50);
    expect(journal.find(attempt(1))).toEqual({
      ...finished,
      offer: { ...record.offer, request: {} },
      state: 'acknowledged',
      receipt,
      verdict: 'accepted',
      concluded_ms: START_MS + 50,
    });
    expect(journal.output(attempt(1))).toBeUndefined();
  });

  test('refuses an attempt it knows, in whatever state, and takes the next attempt of the same job', async () => {
    journal = await open();
    await journal.accept(acceptedRecord(1));
    const duplicate = { code: 'JOURNAL_DUPLICATE_ATTEMPT', details: { quarantined: false } };
    await expect(journal.accept(acceptedRecord(1))).rejects.toMatchObject(duplicate);
    await conclude(2, START_MS);
    await expect(journal.accept(acceptedRecord(2))).rejects.toMatchObject(duplicate);
    const { offer, ...rest } = acceptedRecord(1);
    await journal.accept({ ...rest, offer: { ...offer, attempt: 2 } });
    expect(journal.counts()).toEqual({ accepted: 2, outbox: 0 });
  });

  test('lets exactly one of two simultaneous acceptances through', async () => {
    journal = await open();
    const both = await Promise.allSettled([
      journal.accept(acceptedRecord(1)),
      journal.accept(acceptedRecord(1)),
    ]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });

  test('refuses steps out of order and leaves the record as it was', async () => {
    journal = await open();
    await journal.accept(acceptedRecord(1));
    const outOfOrder = { code: 'JOURNAL_ORDER', details: { state: 'accepted' } };
    await expect(journal.receipt(attempt(1), receiptOf(1), digestOfReceipt)).rejects.toMatchObject(
      outOfOrder,
    );
    await expect(journal.acknowledge(attempt(1), 'accepted', 1)).rejects.toMatchObject(outOfOrder);
    expect(journal.find(attempt(1))).toEqual(acceptedRecord(1));
    await journal.finish(attempt(1), executionOf(1), outputOf(1));
    await expect(journal.acknowledge(attempt(1), 'accepted', 1)).rejects.toMatchObject({
      code: 'JOURNAL_ORDER',
    });
    await expect(journal.finish(attempt(1), executionOf(2), outputOf(2))).rejects.toMatchObject({
      code: 'JOURNAL_ORDER',
      details: { step: 'finish', state: 'finished' },
    });
    expect(journal.output(attempt(1))).toEqual(outputOf(1));
  });

  test('takes the same step again without effect, also later on', async () => {
    journal = await open();
    await conclude(1, START_MS + 50);
    const record = journal.find(attempt(1));
    await journal.finish(attempt(1), executionOf(1), outputOf(1));
    await journal.acknowledge(attempt(1), 'duplicate', START_MS + 99);
    const again = await journal.receipt(
      attempt(1),
      () => {
        throw new Error('built twice');
      },
      digestOfReceipt,
    );
    expect(again).toEqual(record?.receipt);
    expect(journal.find(attempt(1))).toEqual(record);
    expect(journal.output(attempt(1))).toBeUndefined();
  });

  test('refuses steps of attempts it does not know, whatever their name', async () => {
    journal = await open();
    for (const job of [attempt(1).job, '../../etc/passwd', '\0', 'x'.repeat(10_000), '']) {
      expect(journal.find({ job, attempt: 1 })).toBeUndefined();
      expect(journal.output({ job, attempt: 1 })).toBeUndefined();
      await expect(journal.acknowledge({ job, attempt: 1 }, 'accepted', 1)).rejects.toMatchObject({
        code: 'JOURNAL_UNKNOWN_ATTEMPT',
      });
    }
    expect(journal.find({ job: attempt(1).job, attempt: -1 })).toBeUndefined();
  });

  test('chains receipts without gap or fork when many are asked for at once', async () => {
    journal = await open();
    const numbers = Array.from({ length: 40 }, (_, at) => at + 1);
    await Promise.all(numbers.map((number) => journal.accept(acceptedRecord(number))));
    await Promise.all(
      numbers.map((number) => journal.finish(attempt(number), executionOf(number), outputOf(number))),
    );
    const receipts = await Promise.all(
      numbers.map((number) => journal.receipt(attempt(number), receiptOf(number), digestOfReceipt)),
    );
    let previous = NO_DIGEST;
    for (const receipt of [...receipts].sort((a, b) => a.seq - b.seq)) {
      expect(receipt.previous).toBe(previous);
      previous = digestOfReceipt(receipt);
    }
    expect(new Set(receipts.map(({ seq }) => seq)).size).toBe(40);
  });

  test('gives a number back when building or checking the receipt fails', async () => {
    journal = await open();
    for (const number of [1, 2]) {
      await journal.accept(acceptedRecord(number));
      await journal.finish(attempt(number), executionOf(number), outputOf(number));
    }
    const failing = () => {
      throw new Error('no signer');
    };
    await expect(journal.receipt(attempt(1), failing, digestOfReceipt)).rejects.toThrow('no signer');
    await expect(journal.receipt(attempt(1), receiptOf(2), digestOfReceipt)).rejects.toThrow(
      'another attempt',
    );
    const forked = (_seq: number, previous: string) => receiptOf(1)(7, previous);
    await expect(journal.receipt(attempt(1), forked, digestOfReceipt)).rejects.toThrow('continue the chain');
    expect((await journal.receipt(attempt(2), receiptOf(2), digestOfReceipt)).seq).toBe(1);
  });

  test('lists what is pending oldest first, and the newest of all', async () => {
    journal = await open();
    await journal.accept(acceptedRecord(3, START_MS + 30));
    await journal.accept(acceptedRecord(1, START_MS + 20));
    await journal.accept(acceptedRecord(2, START_MS + 10));
    await conclude(9, START_MS + 99);
    const jobs = (records: readonly { offer: { job: string } }[]) => records.map(({ offer }) => offer.job);
    expect(jobs(journal.pending())).toEqual([attempt(2).job, attempt(1).job, attempt(3).job]);
    expect(jobs(journal.recent(3))).toEqual([attempt(3).job, attempt(1).job, attempt(2).job]);
    await journal.finish(attempt(1), executionOf(1), outputOf(1));
    expect(journal.counts()).toEqual({ accepted: 2, outbox: 1 });
  });

  test('forgets acknowledged attempts after a day and gives up expired ones, once', async () => {
    journal = await open();
    await conclude(1, START_MS + 100);
    await journal.accept(acceptedRecord(2));
    await journal.finish(attempt(2), executionOf(2), outputOf(2));
    expect(await journal.prune(START_MS + DAY_MS)).toEqual([]);
    expect(journal.find(attempt(1))?.state).toBe('acknowledged');

    const givenUp = await journal.prune(START_MS + DAY_MS + 101);
    expect(givenUp.map(({ offer }) => offer)).toEqual([acceptedRecord(2).offer]);
    expect(journal.find(attempt(1))).toBeUndefined();
    expect(journal.output(attempt(2))).toBeUndefined();
    expect(journal.recent(10)).toEqual([]);
    expect(journal.counts()).toEqual({ accepted: 0, outbox: 0 });
    expect(await journal.prune(START_MS + DAY_MS + 101)).toEqual([]);
  });

  test('refuses an output larger than it was opened for', async () => {
    journal = await open({ maxOutputBytes: 200 });
    await journal.accept(acceptedRecord(1));
    const large = { body: 'x'.repeat(200), chunks: null };
    await expect(journal.finish(attempt(1), executionOf(1), large)).rejects.toMatchObject({
      code: 'JOURNAL_OUTPUT_TOO_LARGE',
      details: { maxBytes: 200 },
    });
    expect(journal.find(attempt(1))?.state).toBe('accepted');
  });

  test('refuses calls after it was closed, and finishes those before', async () => {
    journal = await open();
    const before = journal.accept(acceptedRecord(1));
    await journal.close();
    await before;
    await expect(journal.accept(acceptedRecord(2))).rejects.toMatchObject({ code: 'JOURNAL' });
  });
});
