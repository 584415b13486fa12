// The sealed segments of a report log: `<ulid>.ndjson` with its facts beside it in `<ulid>.json`. The facts are written
// first; the rename that gives the segment its name is what seals it.
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { count, digest, ulid } from '../../protocol/primitives.js';
import type { SealedReport } from './report-log.js';
import { ReportLogError } from './report-log-error.js';

const sealedReport = z.object({
  report: ulid,
  firstLine: count,
  lines: count,
  bytes: count,
  sha256: digest,
  previous: digest.nullable(),
});

/** Where the current segment begins; kept apart, for the sealed ones may all have been delivered and removed. */
const position = z.object({ firstLine: count, previous: digest.nullable() });
export type Position = z.infer<typeof position>;

const MAX_FACTS_BYTES = 4096;

export class SealedSegments {
  readonly #dir: string;
  #segments: SealedReport[] = [];
  #position: Position = { firstLine: 0, previous: null };
  /** Segments whose bytes did not fit their facts, found at opening. */
  readonly damaged: SealedReport[] = [];

  constructor(dir: string) {
    this.#dir = dir;
    for (const name of readdirSync(dir)) {
      if (name.endsWith('.json') && name !== 'position.json') this.#load(name.slice(0, -'.json'.length));
    }
    // By number, not by name: a clock set back would order the names wrongly.
    this.#segments.sort((a, b) => a.firstLine - b.firstLine);
    this.#position = this.#readPosition();
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

  /** Makes the file at `currentPath` a sealed segment; from then on `position` is behind it. */
  seal(currentPath: string, report: SealedReport): void {
    this.#writeFacts(`${report.report}.json`, report);
    renameSync(currentPath, this.#path(report.report));
    this.#segments.push(report);
    this.#position = { firstLine: report.firstLine + report.lines, previous: report.sha256 };
    this.#writeFacts('position.json', this.#position);
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

  remove(report: string): void {
    const segment = this.#find(report);
    if (segment === undefined) return;
    this.#segments = this.#segments.filter((one) => one !== segment);
    rmSync(this.#path(segment.report), { force: true });
    rmSync(join(this.#dir, `${segment.report}.json`), { force: true });
  }

  #find(report: string): SealedReport | undefined {
    return this.#segments.find((one) => one.report === report);
  }

  #path(report: string): string {
    return join(this.#dir, `${report}.ndjson`);
  }

  #load(name: string): void {
    const facts = this.#readFacts(`${name}.json`, sealedReport);
    const size = ulid.safeParse(name).success
      ? statSync(this.#path(name), { throwIfNoEntry: false })?.size
      : undefined;
    // Without its segment: the sealing was cut short, and the lines are still in the current one.
    if (facts === undefined || facts.report !== name || size === undefined) {
      rmSync(join(this.#dir, `${name}.json`), { force: true });
      return;
    }
    this.#segments.push(facts);
    if (size === facts.bytes) return;
    this.damaged.push(facts);
  }

  #readPosition(): Position {
    const kept = this.#readFacts('position.json', position) ?? this.#position;
    const last = this.#segments.at(-1);
    const end = (last?.firstLine ?? 0) + (last?.lines ?? 0);
    return last !== undefined && end > kept.firstLine ? { firstLine: end, previous: last.sha256 } : kept;
  }

  #readFacts<T>(name: string, shape: z.ZodType<T>): T | undefined {
    try {
      const text = readFileSync(join(this.#dir, name), 'utf8');
      return text.length > MAX_FACTS_BYTES ? undefined : shape.parse(JSON.parse(text));
    } catch {
      return undefined; // missing or damaged: the caller goes on without it
    }
  }

  #writeFacts(name: string, facts: unknown): void {
    const path = join(this.#dir, name);
    writeFileSync(`${path}.tmp`, JSON.stringify(facts), { mode: 0o600, flush: true });
    renameSync(`${path}.tmp`, path);
  }
}
