import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { CurrentSegment } from '../../../src/adapters/logs/current-segment.js';

test('writes nothing into the file that has got its number after it was closed', () => {
  const dir = mkdtempSync(join(tmpdir(), 'segment-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const segment = new CurrentSegment(join(dir, 'current.ndjson'));
  segment.append('{"n":1}');
  segment.close();
  const heir = openSync(join(dir, 'journal'), 'w+');
  onTestFinished(() => closeSync(heir));
  expect(() => segment.append('{"n":2}')).toThrow('closed');
  segment.close();
  expect([segment.isClosed, readFileSync(heir, 'utf8')]).toEqual([true, '']);
  expect(readFileSync(join(dir, 'current.ndjson'), 'utf8')).toBe('{"n":1}\n');
});
