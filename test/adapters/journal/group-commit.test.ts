// Grouping and failing together, over a store that commits when the test says so.
import { expect, test } from 'vitest';
import { GroupCommit } from '../../../src/adapters/journal/group-commit.js';
import { JournalError } from '../../../src/adapters/journal/journal-errors.js';
import type { Change, JournalStore } from '../../../src/adapters/journal/journal-store.js';
import { createMemoryJournal } from '../../../src/adapters/journal/memory-journal.js';
import { acceptedRecord, attempt } from './job-fixtures.js';

/** Holds each commit until it is told how it ends. */
class SteeredStore implements JournalStore {
  readonly commits: { readonly changes: readonly Change[]; end(error?: Error): void }[] = [];
  #arrived: () => void = () => {};

  get(): undefined {
    return undefined;
  }
  keys(): readonly string[] {
    return [];
  }
  count(): number {
    return 0;
  }
  space(): undefined {}
  bytes(): number {
    return 0;
  }
  commit(changes: readonly Change[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.commits.push({ changes, end: (error) => (error === undefined ? resolve() : reject(error)) });
      this.#arrived();
    });
  }
  async close(): Promise<void> {}
  async until(commits: number): Promise<void> {
    while (this.commits.length < commits) {
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
  }
}

const put = (commits: GroupCommit, key: string): Promise<string> =>
  commits.run((staged) => {
    staged.set('meta', key, Buffer.from(key));
    return key;
  });

test('puts what arrives during a commit into the next one', async () => {
  const store = new SteeredStore();
  const commits = new GroupCommit(store);
  const first = put(commits, 'a');
  await store.until(1);
  const rest = ['b', 'c', 'd'].map((key) => put(commits, key));
  store.commits[0]?.end();
  expect(await first).toBe('a');
  await store.until(2);
  expect(store.commits[1]?.changes.map(({ key }) => key)).toEqual(['b', 'c', 'd']);
  store.commits[1]?.end();
  expect(await Promise.all(rest)).toEqual(['b', 'c', 'd']);
});

test('fails all operations of a failed commit, those it refused included, and goes on', async () => {
  const store = new SteeredStore();
  const commits = new GroupCommit(store);
  const refuse = () => {
    throw new Error('refused for what is only staged');
  };
  const calls = [put(commits, 'a'), commits.run(refuse), put(commits, 'b')];
  const settled = Promise.allSettled(calls);
  await store.until(1);
  store.commits[0]?.end(new JournalError('disk full'));
  expect((await settled).map((one) => (one.status === 'rejected' ? one.reason.code : one.status))).toEqual([
    'JOURNAL',
    'JOURNAL',
    'JOURNAL',
  ]);
  const next = put(commits, 'c');
  await store.until(2);
  store.commits[1]?.end();
  expect(await next).toBe('c');
});

test('leaves a journal as it was when the disk is full, and works again afterwards', async () => {
  let full = false;
  const journal = createMemoryJournal({ isFull: () => full });
  await journal.accept(acceptedRecord(1));
  full = true;
  await expect(journal.accept(acceptedRecord(2))).rejects.toMatchObject({ code: 'JOURNAL', retryable: true });
  expect(journal.find(attempt(2))).toBeUndefined();
  full = false;
  await journal.accept(acceptedRecord(2));
  expect(journal.pending()).toHaveLength(2);
});
