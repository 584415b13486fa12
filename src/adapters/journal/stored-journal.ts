// The journal's rules over a store: what each step writes, in one commit, and in which order.
import { NodeError } from '../../errors.js';
import { LIMITS } from '../../protocol/limits.js';
import { type Receipt, receipt as receiptShape } from '../../protocol/receipt.js';
import { attemptOfTimeKey, isKey, keyOf } from './attempt-keys.js';
import { GroupCommit } from './group-commit.js';
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
import { acknowledgeStep, finishStep, receiptStep } from './job-steps.js';
import { DEFAULT_BOUNDS, type JournalBounds, type JournalUsage } from './journal-bounds.js';
import { DuplicateAttemptError, JournalError, OutputTooLargeError } from './journal-errors.js';
import { MARKS, timeKey } from './journal-indexes.js';
import { JournalRoom } from './journal-room.js';
import type { CorruptEntry, JournalStore } from './journal-store.js';
import { Quarantine } from './quarantine.js';
import { readChainHead, writeChainHead } from './receipt-chain.js';
import { openValue, sealValue } from './sealed-value.js';
import { StoredRecords } from './stored-records.js';

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

const PROBE_KEY = 'probe';

export class StoredJournal implements JobJournal {
  readonly #store: JournalStore;
  readonly #commits: GroupCommit;
  readonly #maxOutputBytes: number;
  readonly #quarantine: Quarantine;
  readonly #records: StoredRecords;
  readonly #room: JournalRoom;

  /** @throws JournalError the head of the receipt chain is corrupt: going on would fork the chain */
  constructor(store: JournalStore, options: JournalOptions = {}) {
    this.#store = store;
    this.#commits = new GroupCommit(store);
    this.#maxOutputBytes = options.maxOutputBytes ?? LIMITS.resultBytes;
    const onCorrupt = options.onCorrupt ?? (() => {});
    this.#quarantine = new Quarantine({ store, commits: this.#commits, onCorrupt });
    this.#records = new StoredRecords(store, this.#quarantine);
    readChainHead((table, key) => store.get(table, key));
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
      const quarantined = this.#quarantine.holds(staged, key);
      if (quarantined || staged.get('records', key) !== undefined) {
        const { job, attempt } = parsed.offer;
        throw new DuplicateAttemptError(`attempt ${attempt} of job ${job} is in the journal already`, {
          details: { job, attempt, quarantined },
        });
      }
      staged.set('requests', key, request);
      staged.set('order', timeKey(parsed.accepted_ms, key), MARKS.order);
      this.#records.write(staged, key, parsed);
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
      const next = finishStep(this.#records.known(staged, key), facts);
      if (next === undefined) return;
      staged.set('outputs', keyOf(key), sealed);
      this.#records.write(staged, keyOf(key), next);
    });
    this.#room.note(sealed.length);
  }

  async receipt(
    key: AttemptKey,
    build: (seq: number, previous: string) => Receipt,
    digestOf: (receipt: Receipt) => string,
  ): Promise<Receipt> {
    return this.#commits.run((staged) => {
      const record = this.#records.known(staged, key);
      const head = readChainHead(staged.get);
      const seq = head.seq + 1;
      const next = receiptStep(record, () => receiptShape.parse(build(seq, head.digest)));
      const receipt = (next ?? record).receipt;
      if (receipt === null) throw new JournalError('a receipted record without its receipt');
      if (next === undefined) return receipt;
      if (receipt.seq !== seq || receipt.previous !== head.digest) {
        throw new JournalError(`the receipt does not continue the chain at ${seq}`);
      }
      writeChainHead(staged, { seq, digest: digestOf(receipt) });
      this.#records.write(staged, keyOf(key), next);
      return receipt;
    });
  }

  async acknowledge(
    key: AttemptKey,
    verdict: NonNullable<JobRecord['verdict']>,
    nowMs: number,
  ): Promise<void> {
    await this.#commits.run((staged) => {
      const next = acknowledgeStep(this.#records.known(staged, key), verdict, nowMs);
      if (next === undefined) return;
      const name = keyOf(key);
      staged.set('outputs', name, undefined);
      staged.set('requests', name, undefined);
      staged.set('pending', timeKey(next.accepted_ms, name), undefined);
      staged.set('concluded', timeKey(nowMs, name), MARKS.concluded);
      this.#records.write(staged, name, next);
    });
    this.#room.note(0);
  }

  find(key: AttemptKey): JobRecord | undefined {
    return isKey(key) ? this.#records.read(key) : undefined;
  }

  output(key: AttemptKey): JobOutput | undefined {
    if (!isKey(key)) return undefined;
    const bytes = this.#store.get('outputs', keyOf(key));
    return bytes === undefined
      ? undefined
      : this.#quarantine.believe('outputs', keyOf(key), () =>
          jobOutput.parse(openValue(bytes, `outputs/${keyOf(key)}`)),
        );
  }

  pending(): readonly JobRecord[] {
    return this.#records.readAll(this.#store.keys('pending'));
  }

  recent(limit: number): readonly JobRecord[] {
    return this.#records.readAll(this.#store.keys('order', { reverse: true, limit }));
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
        const record = this.#records.parsed(staged.get, attemptOfTimeKey(indexKey));
        if (record === undefined || record.state === 'acknowledged' || record.expires_ms > nowMs) continue;
        dropped.push(record);
        this.#records.drop(staged, keyOf(record.offer), record.accepted_ms);
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
        const acceptedMs = this.#records.parsed(staged.get, key)?.accepted_ms;
        staged.set('concluded', indexKey, undefined);
        this.#records.drop(staged, keyOf(key), acceptedMs);
      }
      return indexKeys.length;
    });
  }
}
