// Runs the model tests; with `--report` prints afterwards what they covered, machine by machine.
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { coverageTable, REPORT_FOLDER, readWalks } from './coverage-report.js';

const wanted = process.argv.slice(2);
const folder = await mkdtemp(join(tmpdir(), 'model-report-'));
try {
  const vitest = join(import.meta.dirname, '../../node_modules/vitest/vitest.mjs');
  const passed = wanted.filter((argument) => argument !== '--report');
  const { status } = spawnSync(process.execPath, [vitest, 'run', '--project', 'model', ...passed], {
    stdio: 'inherit',
    env: { ...process.env, [REPORT_FOLDER]: folder },
  });
  if (wanted.includes('--report')) console.log(coverageTable(await readWalks(folder)));
  process.exitCode = status ?? 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
