// The report log on disk. Lines are written synchronously: at a node's few hundred lines a second that costs well under
// a percent of a core, and a kill loses nothing. What could not be kept is told by a gap record in the log itself.
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { monotonicFactory } from 'ulid';
import { CurrentSegment } from './current-segment.js';
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

/** Why lines are missing: a torn last line, a failing disk, the ring's bound, or a damaged segment. */
type GapReason = 'torn' | 'unwritable' | 'ring' | 'damaged' | 'too_long';

const MIB = 1024 * 1024;
const MAX_LINE_BYTES = 256 * 1024;

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
  readonly #segmentBytes: number;
  readonly #nowMs: () => number;
  readonly #nextUlid = monotonicFactory();
  readonly #sealed: SealedSegments;
  readonly #gaps = new Map<GapReason, number>();
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
    for (const { report, lines } of this.#sealed.damaged) {
      this.#sealed.remove(report);
      this.#miss('damaged', lines);
    }
    this.#tellGaps();
  }

  write(line: string): void {
    if (this.#closed) return;
    const whole = line.includes('\n') ? line.replaceAll('\n', ' ') : line;
    if (Buffer.byteLength(whole) > MAX_LINE_BYTES) {
      this.#miss('too_long', 1);
      this.#tellGaps();
      return;
    }
    try {
      this.#tellGaps();
      this.#current.append(whole);
    } catch {
      this.#miss('unwritable', 1);
      return;
    }
    if (this.#current.bytes >= this.#segmentBytes) this.#sealOrGoOn();
    this.#keepBound();
  }

  currentBytes(): number {
    return this.#current.bytes;
  }

  async seal(): Promise<SealedReport | undefined> {
    if (this.#closed) throw new ReportLogError('the report log is closed');
    if (this.#current.lines === 0) return undefined;
    try {
      await this.#current.flush();
      return this.#sealNow();
    } catch (cause) {
      throw new ReportLogError('the log segment cannot be sealed', {
        cause,
        advice: 'Check free space and permissions of the data directory.',
      });
    }
  }

  sealed(): readonly SealedReport[] {
    return this.#sealed.list();
  }

  read(report: string, offset: number, length: number): Promise<Uint8Array> {
    return this.#sealed.read(report, offset, length);
  }

  async remove(report: string): Promise<void> {
    this.#sealed.remove(report);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#current.flush();
    this.#current.close();
  }

  #openCurrent(): CurrentSegment {
    const current = new CurrentSegment(join(this.#dir, 'current.ndjson'));
    if (current.wasTorn) this.#miss('torn', 1);
    return current;
  }

  #sealNow(): SealedReport | undefined {
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
      this.#sealed.remove(oldest.report);
      this.#miss('ring', oldest.lines);
    }
  }

  #miss(reason: GapReason, lines: number): void {
    this.#gaps.set(reason, (this.#gaps.get(reason) ?? 0) + lines);
  }

  #tellGaps(): void {
    for (const [reason, lines] of this.#gaps) {
      const time = new Date(this.#nowMs()).toISOString();
      const gap = { level: 'warn', time, component: 'report-log', event: 'log.gap', reason, lines };
      this.#current.append(JSON.stringify({ ...gap, msg: `${lines} log line(s) are missing here` }));
      this.#gaps.delete(reason);
    }
  }
}
