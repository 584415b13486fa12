// The one table of the fault suite: tests count what each fault came to, and it is printed when all have run.
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import { inject } from 'vitest';
import type { TestProject } from 'vitest/node';
import { z } from 'zod';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the tests' processes leave their rows. */
    faultLedger: string;
  }
}

const row = z.strictObject({
  /** What was hit, e.g. `floor.json`. */
  target: z.string(),
  fault: z.string(),
  outcome: z.string(),
  count: z.int().min(1),
});
type Row = z.infer<typeof row>;

/** How long something took that the suite has to show and does not judge. */
const duration = z.strictObject({ took: z.string(), ms: z.number().min(0) });
type Duration = z.infer<typeof duration>;

/** Counts outcomes in memory; `file` adds them to the table. */
export class FaultTally {
  readonly #target: string;
  readonly #counts = new Map<string, Row>();

  constructor(target: string) {
    this.#target = target;
  }

  count(fault: string, outcome: string, times = 1): void {
    const key = `${fault}\n${outcome}`;
    const before = this.#counts.get(key)?.count ?? 0;
    this.#counts.set(key, { target: this.#target, fault, outcome, count: before + times });
  }

  /** Of one outcome, or of all. */
  total(outcome?: string): number {
    return [...this.#counts.values()]
      .filter((one) => outcome === undefined || one.outcome === outcome)
      .reduce((sum, { count }) => sum + count, 0);
  }

  file(): void {
    const lines = [...this.#counts.values()].map((one) => `${JSON.stringify(one)}\n`);
    appendFileSync(inject('faultLedger'), lines.join(''));
  }
}

/** Adds to the figures below the table: median and 95th percentile of everything under one name. */
export const noteDurations = (took: string, all: readonly number[]): void => {
  const lines = all.map((ms) => `${JSON.stringify({ took, ms } satisfies Duration)}\n`);
  appendFileSync(inject('faultLedger'), lines.join(''));
};

const printDurations = (durations: readonly Duration[]): void => {
  for (const name of [...new Set(durations.map(({ took }) => took))].sort()) {
    const sorted = durations.filter(({ took }) => took === name).map(({ ms }) => ms);
    sorted.sort((one, other) => one - other);
    const at = (share: number) => Math.round(sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
    console.log(
      `${name}: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, longest ${at(1)} ms, ${sorted.length} times`,
    );
  }
};

const printTable = (rows: readonly Row[]): void => {
  const table = new Table({
    head: ['target', 'fault', 'count', 'outcome'],
    colAligns: ['left', 'left', 'right', 'left'],
    style: { head: [], border: [], compact: true },
  });
  const sorted = [...rows].sort((a, b) =>
    `${a.target}\n${a.fault}\n${a.outcome}` < `${b.target}\n${b.fault}\n${b.outcome}` ? -1 : 1,
  );
  for (const { target, fault, outcome, count } of sorted) table.push([target, fault, count, outcome]);
  console.log(`${table.toString()}\n${rows.reduce((sum, { count }) => sum + count, 0)} faults`);
};

/** Global setup of the project `faults`. */
export default (project: TestProject): (() => void) => {
  const directory = mkdtempSync(join(tmpdir(), 'faults-'));
  const ledger = join(directory, 'rows.ndjson');
  appendFileSync(ledger, '');
  project.provide('faultLedger', ledger);
  return () => {
    const lines = readFileSync(ledger, 'utf8').split('\n').filter(Boolean);
    const entries = lines.map((line) => z.union([row, duration]).parse(JSON.parse(line)));
    printTable(entries.flatMap((entry) => ('took' in entry ? [] : [entry])));
    printDurations(entries.flatMap((entry) => ('took' in entry ? [entry] : [])));
    rmSync(directory, { recursive: true });
  };
};
