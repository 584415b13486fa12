// Lines of the log as the reader wants them.
import { expect, test } from 'vitest';
import type { LogEntry } from '../../../src/console/feed/feed-messages.js';
import { componentsOf, isWantedLine } from '../../../web/console/logs/wanted-lines.js';

const line = (seq: number, level: string, component: string | null, message: string): LogEntry => ({
  seq,
  atMs: seq,
  level,
  component,
  network: null,
  event: null,
  job: seq === 3 ? '01JD0000000000000000000003' : null,
  message,
});

const lines = [
  line(0, 'debug', 'link', 'heartbeat answered'),
  line(1, 'info', 'job', 'accepted'),
  line(2, 'notice', null, 'of a level nobody knows'),
  line(3, 'error', 'job', 'Failed'),
];

const seen = (wanted: Partial<Parameters<typeof isWantedLine>[0]>) =>
  lines.filter(isWantedLine({ level: '', text: '', component: '', ...wanted })).map(({ seq }) => seq);

test('lines are found by the least level, by component, and by a part of what they say', () => {
  expect(seen({})).toEqual([0, 1, 2, 3]);
  expect(seen({ level: 'info' })).toEqual([1, 2, 3]);
  expect(seen({ level: 'warn', component: 'job' })).toEqual([3]);
  expect(seen({ text: 'failed' })).toEqual([3]);
  expect(seen({ text: '01jd' })).toEqual([3]);
  expect(componentsOf(lines)).toEqual(['job', 'link']);
});
