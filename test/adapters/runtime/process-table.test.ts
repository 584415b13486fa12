import { expect, test } from 'vitest';
import { liveMembers, parseStat, readProcess } from '../../../src/adapters/runtime/process-table.js';

test('reads a stat line whose command holds blanks and parentheses', () => {
  const line = '42 (a) R (b) Z 1 40 39 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 12345 0 0';
  expect(parseStat(42, line)).toEqual({ pid: 42, group: 40, session: 39, startTicks: 12345, isZombie: true });
});

test.each(['', '42 (x', '42 (x) S', '42 (x) S a b c'])('gives nothing for %j', (text) => {
  expect(parseStat(42, text)).toBeUndefined();
});

test('a group whose number was given out anew has no members', () => {
  const me = readProcess(process.pid);
  expect(me).toMatchObject({ pid: process.pid, isZombie: false });
  expect(liveMembers(process.pid, (me?.startTicks ?? 0) + 1)).toEqual([]);
});
