// The README's first command, as a user runs it.
import { expect, test } from 'vitest';
import { run } from './processes.js';

test('the demo shows every stage, verifies every receipt, and ends with exit code 0', async () => {
  const { code, stdout, stderr } = await run(['demo', '--once']);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  for (const stage of ['setup', 'registered', 'connected', 'syncing', 'models', 'claimed', 'executing']) {
    expect(stdout).toContain(`\n${stage}`);
  }
  expect(stdout).not.toContain('NOT VALID');
  expect(stdout.match(/verified {2}/g)?.length).toBe(10);
  expect(stdout).toContain('All 10 results were signed, verified, settled and acknowledged.');
});
