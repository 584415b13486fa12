// The end of a container's log, as an engine frames it.
import { expect, test } from 'vitest';
import { lastLines } from '../../../../src/adapters/runtime-host/docker/log-tail.js';

const frame = (stream: 1 | 2, payload: string | Uint8Array): Uint8Array => {
  const bytes = Buffer.from(payload);
  const head = Buffer.alloc(8);
  head.writeUInt8(stream, 0);
  head.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([head, bytes]);
};
const log = (...frames: readonly Uint8Array[]) => Buffer.concat(frames);

test('puts lines of both streams in the order of their ends, whatever the frames', () => {
  const both = log(frame(1, 'one\ntw'), frame(2, 'error\n'), frame(1, 'o\r\n\nthree'));
  expect(lastLines(both, 10)).toEqual(['one', 'error', 'two', '', 'three']);
  expect(lastLines(both, 2)).toEqual(['', 'three']);
  expect(lastLines(new Uint8Array(), 10)).toEqual([]);
});

test('takes what is no text, and a log that was cut', () => {
  const cut = log(frame(1, Uint8Array.of(0xff, 0x0a)), frame(1, 'whole\n'), frame(2, 'a long line\n'));
  expect(lastLines(cut.subarray(0, -6), 10)).toEqual(['\ufffd', 'whole', 'a long']);
});

test('keeps at most 64 KiB, the latest of them', () => {
  const line = 'x'.repeat(40 * 1024);
  const kept = lastLines(log(frame(1, `first ${line}\n`), frame(1, `second ${line}\nlast\n`)), 10);
  expect(kept.map((one) => one.slice(0, 6))).toEqual(['xxxxxx', 'second', 'last']);
  expect(kept.join('\n').length).toBeLessThanOrEqual(64 * 1024);
});
