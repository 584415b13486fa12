// The list of jobs: newest first, filtered, in pages; one answer looks through a bounded number of them.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listJobs } from '../../../src/network/admin/job-list.js';
import { type JobRecord, jobRecord } from '../../../src/network/jobs/job-record.js';
import { type NetworkStore, openStore, type Table } from '../../../src/network/store/store.js';
import { DIGEST, NODE } from './fake-handlers.js';

let directory: string;
let store: NetworkStore;
let table: Table<JobRecord>;

const jobAt = (ms: number, change: Partial<JobRecord> = {}): JobRecord => ({
  job: ulid(ms),
  kind: 'paid',
  namespace: 'acme/default',
  endpoint: 'completions',
  model: 'tiny',
  mode: 'sync',
  priority: 5,
  max_output_tokens: 16,
  created_ms: ms,
  expires_ms: ms + 1_000,
  state: 'queued',
  attempts: [],
  finished_ms: null,
  end: null,
  ...change,
});
const FAILED: Partial<JobRecord> = {
  state: 'failed',
  finished_ms: 9,
  end: { type: 'failed', refusal: { code: 'node_failed', outcome: 'runtime_crashed', param: null } },
};
const ON_NODE: Partial<JobRecord> = {
  state: 'offered',
  attempts: [
    {
      attempt: 1,
      node: NODE,
      config_digest: DIGEST,
      model_digest: DIGEST,
      request_digest: DIGEST,
      exec_timeout_ms: 1_000,
      offered_ms: 5,
      accepted_ms: null,
      state: 'offered',
      code: null,
      result: null,
    },
  ],
};

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'jobs-'));
  store = openStore(directory);
  table = store.table('jobs', jobRecord);
});
afterEach(async () => {
  await store.close();
  await rm(directory, { recursive: true });
});

const put = (jobs: readonly JobRecord[]) =>
  store.transaction(() => {
    for (const one of jobs) table.put(one.job, one);
  });

test('gives every job once, the newest first, page after page', async () => {
  const jobs = [1, 2, 3, 4, 5].map((ms) => jobAt(ms));
  await put(jobs);
  const seen: string[] = [];
  let before: string | undefined;
  do {
    const { jobs: rows, next } = listJobs(table, { limit: 2, before });
    seen.push(...rows.map(({ job }) => job));
    before = next ?? undefined;
  } while (before !== undefined);
  expect(seen).toEqual(jobs.map(({ job }) => job).reverse());
});

test('finds by kind, by state and by node', async () => {
  const [open, failed, blind, offered] = [
    jobAt(1),
    jobAt(2, FAILED),
    jobAt(3, { kind: 'blind' }),
    jobAt(4, ON_NODE),
  ];
  await put([open, failed, blind, offered]);
  const found = (wish: Omit<Parameters<typeof listJobs>[1], 'limit'>) =>
    listJobs(table, { limit: 10, ...wish }).jobs.map(({ job }) => job);
  expect(found({ kind: 'blind' })).toEqual([blind.job]);
  expect(found({ job: open.job })).toEqual([open.job]);
  expect(found({ job: ulid(99) })).toEqual([]);
  expect(found({ state: 'failed' })).toEqual([failed.job]);
  expect(found({ state: 'open', kind: 'paid' })).toEqual([offered.job, open.job]);
  expect(found({ node: NODE.toLowerCase() })).toEqual([offered.job]);
  expect(listJobs(table, { limit: 1, state: 'failed' }).jobs[0]).toMatchObject({
    code: 'node_failed',
    usage: null,
  });
});

test('stops looking after a bounded number of jobs and says where to go on', async () => {
  const old = jobAt(1, FAILED);
  await put([old, ...[2, 3, 4, 5].map((ms) => jobAt(ms))]);
  const first = listJobs(table, { limit: 10, state: 'failed' }, 3);
  expect(first).toEqual({ jobs: [], next: expect.any(String) });
  const second = listJobs(table, { limit: 10, state: 'failed', before: first.next ?? '' }, 3);
  expect(second).toMatchObject({ jobs: [{ job: old.job }], next: null });
});
