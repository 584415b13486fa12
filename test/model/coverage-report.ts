// The table of what the model tests covered. Each test hands in its walk; the runner prints them all at the end.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Table from 'cli-table3';
import { z } from 'zod';
import type { Tally, WalkReport } from './walk-machine.js';

/** Set by `test/model/main.ts --report` to the folder that collects the walks. */
export const REPORT_FOLDER = 'MODEL_REPORT_FOLDER';

const tallySchema = z.object({ covered: z.number(), total: z.number() });
const rowSchema = z.object({
  machine: z.string(),
  states: tallySchema,
  transitions: tallySchema,
  pairs: tallySchema,
  map: z.object({ states: z.number(), edges: z.number() }),
  steps: z.number(),
});
export type CoverageRow = z.infer<typeof rowSchema>;

/** Keeps a walk for the table; does nothing unless the run was started with `--report`. */
export const recordWalk = async (report: WalkReport): Promise<void> => {
  const folder = process.env[REPORT_FOLDER];
  if (folder === undefined) return;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${report.machine}.json`), JSON.stringify(rowSchema.parse(report)));
};

/** Reads back what {@link recordWalk} kept, by machine. */
export const readWalks = async (folder: string): Promise<CoverageRow[]> => {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.json')).sort();
  return Promise.all(
    files.map(async (file) => rowSchema.parse(JSON.parse(await readFile(join(folder, file), 'utf8')))),
  );
};

/** `7/7`, or a dash where nobody counted. */
const share = ({ covered, total }: Pick<Tally, 'covered' | 'total'>): string =>
  total === 0 ? '–' : `${covered}/${total}`;

/** The table as text, without colours. */
export const coverageTable = (rows: readonly CoverageRow[]): string => {
  const table = new Table({
    head: ['machine', 'states', 'transitions', 'pairs', 'abstract states', 'edges', 'steps driven'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const row of rows) {
    table.push([
      row.machine,
      share(row.states),
      share(row.transitions),
      share(row.pairs),
      row.map.states,
      row.map.edges,
      row.steps,
    ]);
  }
  return table.toString();
};
