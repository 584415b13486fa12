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
    printTable(lines.map((line) => row.parse(JSON.parse(line))));
    rmSync(directory, { recursive: true });
  };
};
