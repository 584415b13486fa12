// The jobs an operator asks for, newest first, a page at a time. A filter may have to look through many to find few, so
// one answer looks through so many and no more; the next one goes on from there.
import type { AttemptRecord, JobRecord } from '../jobs/job-record.js';
import { isOver } from '../jobs/job-transitions.js';
import type { Table } from '../store/store.js';
import type { AdminInput, AdminOutput } from './admin-verbs.js';

type JobRow = AdminOutput<'jobs'>['jobs'][number];
type Wish = AdminInput<'jobs'> & { readonly limit: number };

/** Records one answer reads: some 50 ms. */
const LOOKED_THROUGH = 5_000;

export const listJobs = (
  jobs: Table<JobRecord>,
  wish: Wish,
  lookedThrough = LOOKED_THROUGH,
): AdminOutput<'jobs'> => {
  const { limit, before, job } = wish;
  if (job !== undefined) {
    const record = jobs.get(job);
    return { jobs: record === undefined ? [] : [jobRow(record)], next: null };
  }
  const rows: JobRow[] = [];
  let left = lookedThrough;
  let last: string | null = null;
  const range = { reverse: true, ...(before !== undefined && { start: before, exclusiveStart: true }) };
  for (const { key, value } of jobs.range(range)) {
    if (rows.length === limit || left === 0) return { jobs: rows, next: last };
    left--;
    last = key;
    if (isWanted(value, wish)) rows.push(jobRow(value));
  }
  return { jobs: rows, next: null };
};

const isWanted = (record: JobRecord, { kind, state, node }: Wish): boolean =>
  (kind === undefined || record.kind === kind) &&
  (state === undefined || (state === 'open' ? !isOver(record) : record.state === state)) &&
  (node === undefined || record.attempts.some((one) => one.node.toLowerCase() === node.toLowerCase()));

const jobRow = ({ end, attempts, ...record }: JobRecord): JobRow => ({
  ...record,
  code: end?.type === 'failed' ? end.refusal.code : null,
  usage: end?.type === 'completed' ? end.usage : null,
  receipt_digest: end?.type === 'completed' ? end.receipt_digest : null,
  attempts: attempts.map(attemptRow),
});

const attemptRow = (record: AttemptRecord): JobRow['attempts'][number] => ({
  attempt: record.attempt,
  node: record.node,
  state: record.state,
  code: record.code,
  offered_ms: record.offered_ms,
  accepted_ms: record.accepted_ms,
  verdict: record.result?.verdict ?? null,
  verdict_code: record.result?.code ?? null,
});
