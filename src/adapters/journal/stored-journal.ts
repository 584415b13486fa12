// The journal's rules over a store: what each step writes, in one commit, and what is believed when it is read back.
import { z } from 'zod';
import { NodeError } from '../../errors.js';
import { LIMITS } from '../../protocol/limits.js';
import { jobOffer } from '../../protocol/messages/jobs.js';
import { count, digest, ulid } from '../../protocol/primitives.js';
import { NO_DIGEST, type Receipt, receipt as receiptShape } from '../../protocol/receipt.js';
import { GroupCommit, type Staged } from './group-commit.js';
import {
  type AttemptKey,
  type ExecutionRecord,
  executionRecord,
  type JobJournal,
  type JobOutput,
  type JobRecord,
  type JournalCounts,
  jobOutput,
  jobRecord,
} from './job-journal.js';
import { acknowledgeStep, finishStep, isCoherent, receiptStep } from './job-steps.js';
import { DEFAULT_BOUNDS, type JournalBounds, type JournalUsage } from './journal-bounds.js';
import {
  DuplicateAttemptError,
  JournalError,
  OutputTooLargeError,
  UnknownAttemptError,
} from './journal-errors.js';
import { MARKS, RECORD_PLACE, recordKeyOf, timeKey } from './journal-indexes.js';
import { JournalRoom } from './journal-room.js';
import type { CorruptEntry, JournalStore, TableName } from './journal-store.js';
import { openValue, sealValue } from './sealed-value.js';

export interface JournalOptions {
  /** Bytes of one output as JSON. Default {@link LIMITS.resultBytes}: more could not be sent. */
  readonly maxOutputBytes?: number;
  /** Told of each corrupt entry once it is found; the bytes are kept in quarantine. */
  readonly onCorrupt?: (entry: CorruptEntry) => void;
  /** Default {@link DEFAULT_BOUNDS}. */
  readonly bounds?: JournalBounds;
  /** Told how many acknowledged attempts were forgotten before their day was over, to make room. */
  readonly onForgotten?: (attempts: number) => void;
}

/** Acknowledged attempts are remembered this long, to answer a repeated offer (protocol: 24 hours). */
const REMEMBER_MS = 24 * 3_600_000;
/** Records dropped in one commit: more would hold up the jobs that wait for it. */
const DROP_AT_ONCE = 256;

const chainHead = z.object({ seq: count, digest });
const CHAIN_KEY = 'receipt-chain';
const PROBE_KEY = 'probe';
const CHAIN_PLACE = `meta/${CHAIN_KEY}`;

const keyOf = ({ job, attempt }: AttemptKey): string => `${job}:${attempt}`;
const attemptOfTimeKey = (indexKey: string): AttemptKey => {
  const [job = '', attempt = ''] = recordKeyOf(indexKey).split(':');
  return { job, attempt: Number(attempt) };
};
const isKey = ({ job, attempt }: AttemptKey): boolean =>
  ulid.safeParse(job).success && count.safeParse(attempt).success;

export class StoredJournal implements JobJournal {
  readonly #store: JournalStore;
  readonly #commits: GroupCommit;
  readonly #maxOutputBytes: number;
  readonly #onCorrupt: (entry: CorruptEntry) => void;
  readonly #reported = new Set<string>();
  readonly #room: JournalRoom;

  /** @throws JournalError the head of the receipt chain is corrupt: going on would fork the chain */
  constructor(store: JournalStore, options: JournalOptions = {}) {
    this.#store = store;
    this.#commits = new GroupCommit(store);
    this.#maxOutputBytes = options.maxOutputBytes ?? LIMITS.resultBytes;
    this.#onCorrupt = options.onCorrupt ?? (() => {});
    this.#chainHead((table, key) => store.get(table, key));
    this.#room = new JournalRoom({
      store,
      bounds: options.bounds ?? DEFAULT_BOUNDS,
      forget: (limit) => this.#forget({ limit }),
      onForgotten: options.onForgotten ?? (() => {}),
    });
  }

  async accept(record: JobRecord): Promise<void> {
    const parsed = jobRecord.parse(record);
    const key = keyOf(parsed.offer);
    const request = sealValue(parsed.offer.request, `requests/${key}`);
    const room = this.#room.make();
    if (room !== undefined) await room; // else the attempt is in line for the disk before this call returns
    await this.#commits.run((staged) => {
      const quarantined = this.#isQuarantined(staged, key);
      if (quarantined || staged.get('records', key) !== undefined) {
        const { job, attempt } = parsed.offer;
        throw new DuplicateAttemptError(`attempt ${attempt} of job ${job} is in the journal already`, {
          details: { job, attempt, quarantined },
        });
      }
      staged.set('requests', key, request);
      staged.set('order', timeKey(parsed.accepted_ms, key), MARKS.order);
      this.#write(staged, key, parsed);
    });
    this.#room.note(request.length);
  }

  async finish(key: AttemptKey, execution: ExecutionRecord, output: JobOutput): Promise<void> {
    const facts = executionRecord.parse(execution);
    const sealed = sealValue(jobOutput.parse(output), `outputs/${keyOf(key)}`);
    if (sealed.length > this.#maxOutputBytes) {
      throw new OutputTooLargeError(`an output of ${sealed.length} bytes is more than the journal takes`, {
        details: { bytes: sealed.length, maxBytes: this.#maxOutputBytes },
      });
    }
    await this.#commits.run((staged) => {
      const next = finishStep(this.#known(staged, key), facts);
      if (next === undefined) return;
      staged.set('outputs', keyOf(key), sealed);
      this.#write(staged, keyOf(key), next);
    });
    this.#room.note(sealed.length);
  }

  async receipt(
    key: AttemptKey,
    build: (seq: number, previous: string) => Receipt,
    digestOf: (receipt: Receipt) => string,
  ): Promise<Receipt> {
    return this.#commits.run((staged) => {
      const record = this.#known(staged, key);
      const head = this.#chainHead(staged.get);
      const seq = head.seq + 1;
      const next = receiptStep(record, () => receiptShape.parse(build(seq, head.digest)));
      const receipt = (next ?? record).receipt;
      if (receipt === null) throw new JournalError('a receipted record without its receipt');
      if (next === undefined) return receipt;
      if (receipt.seq !== seq || receipt.previous !== head.digest) {
        throw new JournalError(`the receipt does not continue the chain at ${seq}`);
      }
      staged.set(
        'meta',
        CHAIN_KEY,
        sealValue(chainHead.parse({ seq, digest: digestOf(receipt) }), CHAIN_PLACE),
      );
      this.#write(staged, keyOf(key), next);
      return receipt;
    });
  }

  async acknowledge(
    key: AttemptKey,
    verdict: NonNullable<JobRecord['verdict']>,
    nowMs: number,
  ): Promise<void> {
    await this.#commits.run((staged) => {
      const next = acknowledgeStep(this.#known(staged, key), verdict, nowMs);
      if (next === undefined) return;
      const name = keyOf(key);
      staged.set('outputs', name, undefined);
      staged.set('requests', name, undefined);
      staged.set('pending', timeKey(next.accepted_ms, name), undefined);
      staged.set('concluded', timeKey(nowMs, name), MARKS.concluded);
      this.#write(staged, name, next);
    });
    this.#room.note(0);
  }

  find(key: AttemptKey): JobRecord | undefined {
    return isKey(key) ? this.#read(key) : undefined;
  }

  output(key: AttemptKey): JobOutput | undefined {
    if (!isKey(key)) return undefined;
    const bytes = this.#store.get('outputs', keyOf(key));
    return bytes === undefined
      ? undefined
      : this.#believe('outputs', keyOf(key), () =>
          jobOutput.parse(openValue(bytes, `outputs/${keyOf(key)}`)),
        );
  }

  pending(): readonly JobRecord[] {
    return this.#readAll(this.#store.keys('pending'));
  }

  recent(limit: number): readonly JobRecord[] {
    return this.#readAll(this.#store.keys('order', { reverse: true, limit }));
  }

  counts(): JournalCounts {
    let accepted = 0;
    let outbox = 0;
    for (const key of this.#store.keys('pending')) {
      if (MARKS.accepted.equals(this.#store.get('pending', key) ?? MARKS.order)) accepted++;
      else outbox++;
    }
    return { accepted, outbox };
  }

  usage(): JournalUsage {
    return this.#room.measure();
  }

  get hasRoom(): boolean {
    return this.trouble === null && this.#room.hasRoom;
  }

  get trouble(): NodeError | null {
    const { failure } = this.#commits;
    return this.#room.diskTrouble ?? (failure instanceof NodeError ? failure : null);
  }

  async probe(): Promise<void> {
    if (this.#commits.failure === undefined) return;
    await this.#commits.run((staged) => staged.set('meta', PROBE_KEY, MARKS.order)).catch(() => {});
  }

  async prune(nowMs: number): Promise<readonly JobRecord[]> {
    const before = timeKey(Math.max(0, nowMs - REMEMBER_MS), '');
    while ((await this.#forget({ limit: DROP_AT_ONCE, before })) === DROP_AT_ONCE);
    const expired = await this.#commits.run((staged) => {
      const dropped: JobRecord[] = [];
      for (const indexKey of this.#store.keys('pending')) {
        const record = this.#parsed(staged.get, attemptOfTimeKey(indexKey));
        if (record === undefined || record.state === 'acknowledged' || record.expires_ms > nowMs) continue;
        dropped.push(record);
        this.#drop(staged, keyOf(record.offer), record.accepted_ms);
      }
      return dropped;
    });
    this.#room.measure();
    return expired;
  }

  async close(): Promise<void> {
    await this.#commits.close();
    await this.#store.close();
  }

  /** Drops acknowledged records, oldest first. @returns how many */
  #forget(which: { readonly limit: number; readonly before?: string }): Promise<number> {
    return this.#commits.run((staged) => {
      const indexKeys = this.#store.keys('concluded', which);
      for (const indexKey of indexKeys) {
        const key = attemptOfTimeKey(indexKey);
        const acceptedMs = this.#parsed(staged.get, key)?.accepted_ms;
        staged.set('concluded', indexKey, undefined);
        this.#drop(staged, keyOf(key), acceptedMs);
      }
      return indexKeys.length;
    });
  }

  /** The record without its request, and its mark in the index of what is pending. */
  #write(staged: Staged, key: string, record: JobRecord): void {
    staged.set(
      'records',
      key,
      sealValue({ ...record, offer: { ...record.offer, request: {} } }, RECORD_PLACE),
    );
    if (record.state === 'acknowledged') return;
    staged.set('pending', timeKey(record.accepted_ms, key), MARKS[record.state]);
  }

  #drop(staged: Staged, key: string, acceptedMs: number | undefined): void {
    for (const table of ['records', 'requests', 'outputs'] as const) staged.set(table, key, undefined);
    if (acceptedMs === undefined) return;
    staged.set('order', timeKey(acceptedMs, key), undefined);
    staged.set('pending', timeKey(acceptedMs, key), undefined);
  }

  /** @throws UnknownAttemptError */
  #known(staged: Staged, key: AttemptKey): JobRecord {
    const record = isKey(key) ? this.#parsed(staged.get, key) : undefined;
    if (record !== undefined) return record;
    throw new UnknownAttemptError('the journal holds no readable record of this attempt', {
      details: { job: key.job.slice(0, 26), attempt: key.attempt },
    });
  }

  #read(key: AttemptKey): JobRecord | undefined {
    return this.#parsed((table, name) => this.#store.get(table, name), key);
  }

  #readAll(indexKeys: readonly string[]): readonly JobRecord[] {
    return indexKeys
      .map((indexKey) => this.#read(attemptOfTimeKey(indexKey)))
      .filter((record) => record !== undefined);
  }

  #parsed(get: Staged['get'], key: AttemptKey): JobRecord | undefined {
    const name = keyOf(key);
    const bytes = get('records', name);
    if (bytes === undefined) return undefined;
    return this.#believe('records', name, () => {
      const record = jobRecord.parse(openValue(bytes, RECORD_PLACE));
      if (!isCoherent(record, key)) throw new Error('the record contradicts itself or its key');
      if (record.state === 'acknowledged') return record;
      const request = get('requests', name);
      if (request === undefined) throw new Error('its request is missing');
      return {
        ...record,
        offer: {
          ...record.offer,
          request: jobOffer.shape.request.parse(openValue(request, `requests/${name}`)),
        },
      };
    });
  }

  #chainHead(get: Staged['get']): z.infer<typeof chainHead> {
    const bytes = get('meta', CHAIN_KEY);
    if (bytes === undefined) return { seq: 0, digest: NO_DIGEST };
    try {
      return chainHead.parse(openValue(bytes, CHAIN_PLACE));
    } catch (cause) {
      throw new JournalError('the head of the receipt chain is corrupt', {
        cause,
        advice:
          'Restore the data directory from a backup, or move the jobs directory aside and tell the network.',
      });
    }
  }

  /** Corrupt bytes are moved to quarantine and reported once; the caller sees an attempt without them. */
  #believe<T>(table: TableName, key: string, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      const name = `${table}/${key}`;
      if (!this.#reported.has(name)) {
        this.#reported.add(name);
        this.#onCorrupt({ table, key, reason: reasonOf(error) });
        // Where this fails too, the entry stays where it is and is still not believed.
        this.#commits.run((staged) => this.#quarantine(staged, table, key)).catch(() => {});
      }
      return undefined;
    }
  }

  #quarantine(staged: Staged, table: TableName, key: string): void {
    const moved: readonly TableName[] = table === 'records' ? ['records', 'requests', 'outputs'] : [table];
    for (const from of moved) {
      const bytes = staged.get(from, key);
      if (bytes === undefined) continue;
      staged.set('quarantine', `${from}/${key}`, bytes);
      staged.set(from, key, undefined);
    }
    if (table !== 'records') return;
    for (const index of ['pending', 'order', 'concluded'] as const) {
      for (const indexKey of this.#store.keys(index)) {
        if (indexKey.endsWith(`:${key}`)) staged.set(index, indexKey, undefined);
      }
    }
  }

  #isQuarantined(staged: Staged, key: string): boolean {
    return staged.get('quarantine', `records/${key}`) !== undefined;
  }
}

/** The schema's complaint without the values it complains about: they may be a client's words. */
const reasonOf = (error: unknown): string => {
  if (error instanceof z.ZodError) {
    const [issue] = error.issues;
    return `${issue?.code ?? 'invalid'} at ${issue?.path.join('.') ?? ''}`;
  }
  if (error instanceof SyntaxError) return 'not JSON';
  return error instanceof Error ? error.message : 'unreadable';
};
