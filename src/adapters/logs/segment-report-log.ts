// The report log on disk. Lines are written synchronously: at a node's few hundred lines a second that costs well under
// a percent of a core, and a kill loses nothing. What could not be kept is told by a gap record in the log itself.
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { monotonicFactory } from 'ulid';
import { CurrentSegment } from './current-segment.js';
import { type GapReason, Gaps } from './gaps.js';
import type { ReportLog, SealedReport } from './report-log.js';
import { ReportLogError } from './report-log-error.js';
import { SealedSegments } from './sealed-segments.js';

export interface ReportLogOptions {
  /** Bound of all segments together: over it the oldest sealed one is given up. */
  readonly maxBytes: number;
  /** The current segment is sealed when it reaches this. Default 1 MiB: the protocol's bound for a report. */
  readonly segmentBytes?: number;
  readonly nowMs?: () => number;
}

const MIB = 1024 * 1024;
const MAX_LINE_BYTES = 256 * 1024;

/** What `deliver-report` logs. A key within a text has its quotes escaped, so this is one. */
const isOfReports = (line: string): boolean => line.includes('"event":"report.');

/** @throws ReportLogError the directory cannot be made or read */
export const openReportLog = async (dir: string, options: ReportLogOptions): Promise<ReportLog> => {
  try {
    return new SegmentReportLog(dir, options);
  } catch (cause) {
    throw new ReportLogError(`the report log in ${dir} cannot be opened`, {
      cause,
      advice: 'Check free space and permissions of the data directory.',
    });
  }
};

class SegmentReportLog implements ReportLog {
  readonly #dir: string;
  readonly #maxBytes: number;
  #segmentBytes: number;
  readonly #nowMs: () => number;
  readonly #nextUlid = monotonicFactory();
  readonly #sealed: SealedSegments;
  readonly #gaps = new Gaps();
  #current: CurrentSegment;
  #closed = false;

  constructor(dir: string, options: ReportLogOptions) {
    this.#dir = dir;
    this.#maxBytes = options.maxBytes;
    this.#segmentBytes = Math.min(options.segmentBytes ?? MIB, options.maxBytes);
    this.#nowMs = options.nowMs ?? Date.now;
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    chmodSync(dir, 0o700);
    this.#sealed = new SealedSegments(dir);
    this.#current = this.#openCurrent();
    if (this.#sealed.isPositionLost) this.#gaps.miss('damaged', 0);
    for (const { report, lines } of this.#sealed.damaged) this.#drop(report, 'damaged', lines);
    this.#tellGapsIfPossible();
  }

  write(line: string): void {
    if (this.#closed) return;
    const whole = line.includes('\n') ? line.replaceAll('\n', ' ') : line;
    if (Buffer.byteLength(whole) > MAX_LINE_BYTES) {
      this.#gaps.miss('too_long', 1);
      this.#tellGapsIfPossible();
      return;
    }
    try {
      this.#openAgain();
      this.#tellGaps();
      this.#current.append(whole, !isOfReports(whole));
    } catch {
      this.#gaps.miss('unwritable', 1);
      return;
    }
    if (this.#current.bytes >= this.#segmentBytes) this.#sealOrGoOn();
    this.#keepBound();
  }

  currentBytes(): number {
    return this.#current.isClosed ? 0 : this.#current.bytes;
  }

  hasNews(): boolean {
    // One that could not be opened is to be tried, so that its failure is told.
    return this.#current.isClosed || this.#current.hasNews;
  }

  async seal(): Promise<SealedReport | undefined> {
    if (this.#closed) throw new ReportLogError('the report log is closed');
    try {
      const report = this.#sealNow();
      if (report !== undefined) await this.#sealed.secure(report.report);
      return report;
    } catch (cause) {
      throw new ReportLogError('the log segment cannot be sealed', {
        cause,
        advice: 'Check free space and permissions of the data directory.',
      });
    }
  }

  sealAt(bytes: number): void {
    this.#segmentBytes = Math.min(bytes, this.#maxBytes);
  }

  sealed(): readonly SealedReport[] {
    return this.#sealed.list();
  }

  async secure(report: string): Promise<void> {
    try {
      await this.#sealed.secure(report);
    } catch (cause) {
      throw new ReportLogError(`the sealed report ${report} cannot be brought to the disk`, {
        cause,
        advice: 'Check the disk of the data directory.',
      });
    }
  }

  read(report: string, offset: number, length: number): Promise<Uint8Array> {
    return this.#sealed.read(report, offset, length);
  }

  async remove(report: string): Promise<void> {
    this.#sealed.remove(report);
  }

  giveUp(report: string): void {
    if (this.#closed) return;
    const found = this.#sealed.list().find((one) => one.report === report);
    if (found !== undefined) this.#drop(report, 'refused', found.lines);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#current.isClosed) return;
    try {
      await this.#current.flush();
    } catch (cause) {
      throw new ReportLogError('the last lines of the report log may not be on the disk', {
        cause,
        advice: 'Check the disk of the data directory.',
      });
    } finally {
      this.#current.close();
    }
  }

  /** After a disk that took the last segment's name, and did not make the next one. */
  #openAgain(): void {
    if (this.#current.isClosed) this.#current = this.#openCurrent();
  }

  #openCurrent(): CurrentSegment {
    const current = new CurrentSegment(join(this.#dir, 'current.ndjson'));
    if (current.wasTorn) this.#gaps.miss('torn', 1);
    return current;
  }

  #sealNow(): SealedReport | undefined {
    this.#openAgain();
    if (this.#current.lines === 0) return undefined;
    const report: SealedReport = {
      report: this.#nextUlid(this.#nowMs()),
      ...this.#sealed.position,
      lines: this.#current.lines,
      bytes: this.#current.bytes,
      sha256: this.#current.sha256(),
    };
    this.#sealed.seal(join(this.#dir, 'current.ndjson'), report);
    this.#current.close();
    this.#current = this.#openCurrent();
    return report;
  }

  /** A segment that cannot be sealed now goes on growing; the next line tries again. */
  #sealOrGoOn(): void {
    try {
      this.#sealNow();
    } catch {
      // The lines are safe in the current segment: nothing is missing yet.
    }
  }

  #keepBound(): void {
    while (this.#sealed.bytes + this.#current.bytes > this.#maxBytes) {
      const [oldest] = this.#sealed.list();
      if (oldest === undefined) return;
      this.#drop(oldest.report, 'ring', oldest.lines);
    }
  }

  /** Told first: a kill in between tells of it twice, and never not at all. */
  #drop(report: string, reason: GapReason, lines: number): void {
    this.#gaps.miss(reason, lines);
    this.#tellGapsIfPossible();
    this.#sealed.remove(report);
  }

  /** What cannot be told now is told with a later line. */
  #tellGapsIfPossible(): void {
    try {
      this.#tellGaps();
    } catch {
      // The disk takes nothing now; the gaps stay noted.
    }
  }

  #tellGaps(): void {
    this.#openAgain();
    this.#gaps.tell(this.#nowMs(), (record, reason) => this.#current.append(record, reason !== 'refused'));
  }
}
