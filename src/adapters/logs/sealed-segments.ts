// The sealed segments of a report log: `<ulid>.ndjson` with its facts beside it in `<ulid>.json`. The facts are written
// first; the rename that gives the segment its name is what seals it.
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { ulid } from '../../protocol/primitives.js';
import { realDisk } from '../state/disk-steps.js';
import { measureSegment } from './read-chunks.js';
import type { SealedReport } from './report-log.js';
import { ReportLogError } from './report-log-error.js';
import { type Position, positionFacts, readFacts, sealedFacts, writeFacts } from './segment-facts.js';

/** A segment that is not what its facts say, or has none that can be believed. */
export interface DamagedSegment {
  readonly report: string;
  /** As many as are there now. */
  readonly lines: number;
}

export class SealedSegments {
  readonly #dir: string;
  #segments: SealedReport[] = [];
  #position: Position = { firstLine: 0, previous: null };
  #isPositionNoted = true;
  /** Found at opening; to be told of, then removed. */
  readonly damaged: DamagedSegment[] = [];
  /** The note of where the current segment begins could not be believed. */
  readonly isPositionLost: boolean;

  constructor(dir: string) {
    this.#dir = dir;
    const names = readdirSync(dir);
    for (const name of names) if (name.endsWith('.json.tmp')) rmSync(join(dir, name), { force: true });
    const reports = names
      .filter((name) => /\.(?:nd)?json$/.test(name))
      .map((name) => name.split('.')[0] ?? '');
    for (const report of new Set(reports)) if (ulid.safeParse(report).success) this.#load(report);
    // By number, not by name: a clock set back would order the names wrongly.
    this.#segments.sort((a, b) => a.firstLine - b.firstLine);
    const noted = readFacts(this.#positionPath, positionFacts);
    this.isPositionLost = noted === undefined && existsSync(this.#positionPath);
    this.#position = this.#behindAll(noted ?? this.#position);
  }

  get position(): Position {
    return this.#position;
  }

  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  list(): readonly SealedReport[] {
    return [...this.#segments];
  }

  /**
   * Makes the file at `currentPath` a sealed segment; from then on `position` is behind it.
   * @throws whatever the file system throws; nothing is sealed then
   */
  seal(currentPath: string, report: SealedReport): void {
    writeFacts(this.#factsPath(report.report), report);
    renameSync(currentPath, this.#path(report.report));
    this.#segments.push(report);
    this.#position = { firstLine: report.firstLine + report.lines, previous: report.sha256 };
    this.#notePosition();
  }

  /** Brings a segment and its name to the disk. */
  async secure(report: string): Promise<void> {
    const segment = this.#find(report);
    if (segment === undefined) return;
    const file = await open(this.#path(segment.report), 'r');
    try {
      await file.datasync();
    } finally {
      await file.close();
    }
    await realDisk.syncDirectory(this.#dir);
  }

  /** @throws ReportLogError not sealed here, or not readable */
  async read(report: string, offset: number, length: number): Promise<Uint8Array> {
    const segment = this.#find(report);
    if (segment === undefined) throw new ReportLogError(`there is no sealed report ${report.slice(0, 26)}`);
    try {
      const file = await open(this.#path(segment.report), 'r');
      try {
        const wanted = Math.max(0, Math.min(length, segment.bytes - offset));
        const bytes = Buffer.alloc(wanted);
        const { bytesRead } = await file.read(bytes, 0, wanted, offset);
        return bytes.subarray(0, bytesRead);
      } finally {
        await file.close();
      }
    } catch (cause) {
      throw new ReportLogError(`the sealed report ${segment.report} cannot be read`, { cause });
    }
  }

  /** Also of a damaged one; what is not sealed here is let alone. */
  remove(report: string): void {
    const isDamaged = this.damaged.some((one) => one.report === report);
    if (this.#find(report) === undefined && !isDamaged) return;
    this.#segments = this.#segments.filter((one) => one.report !== report);
    rmSync(this.#path(report), { force: true });
    rmSync(this.#factsPath(report), { force: true });
    if (!this.#isPositionNoted) this.#notePosition();
  }

  /** A disk that does not take it now loses nothing: the last segment tells it as well, for as long as it is there. */
  #notePosition(): void {
    try {
      writeFacts(this.#positionPath, this.#position);
      this.#isPositionNoted = true;
    } catch {
      this.#isPositionNoted = false;
    }
  }

  #find(report: string): SealedReport | undefined {
    return this.#segments.find((one) => one.report === report);
  }

  get #positionPath(): string {
    return join(this.#dir, 'position.json');
  }

  #path(report: string): string {
    return join(this.#dir, `${report}.ndjson`);
  }

  #factsPath(report: string): string {
    return join(this.#dir, `${report}.json`);
  }

  #load(report: string): void {
    // Without its segment: the sealing was cut short, and the lines are still in the current one.
    if (!existsSync(this.#path(report))) {
      rmSync(this.#factsPath(report), { force: true });
      return;
    }
    const facts = readFacts(this.#factsPath(report), sealedFacts);
    const found = measureSegment(this.#path(report));
    const isWhole =
      facts?.report === report &&
      facts.sha256 === found.sha256 &&
      facts.bytes === found.bytes &&
      facts.lines === found.lines;
    if (isWhole) this.#segments.push(facts);
    else this.damaged.push({ report, lines: facts?.lines ?? found.lines });
  }

  /** A stop between the last rename and its note leaves a note that is older than what is sealed. */
  #behindAll(noted: Position): Position {
    const last = this.#segments.at(-1);
    const end = (last?.firstLine ?? 0) + (last?.lines ?? 0);
    return last !== undefined && end > noted.firstLine ? { firstLine: end, previous: last.sha256 } : noted;
  }
}
