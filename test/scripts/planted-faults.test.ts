// A fault of the bank is planted by replacing text: whoever moves that text hears of it here, not in an hour's run.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { allMutants, plant } from '../faults/bank/mutants.js';

const ROOT = join(import.meta.dirname, '../..');

test('every fault of the bank still has its place in the source', () => {
  for (const mutant of allMutants()) {
    expect(() => plant(readFileSync(join(ROOT, mutant.file), 'utf8'), mutant)).not.toThrow();
  }
});
