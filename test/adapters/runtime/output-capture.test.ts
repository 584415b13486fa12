import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { captureOutput, printable } from '../../../src/adapters/runtime/output-capture.js';
import { recordingLogger } from './specs.js';

const capture = (now = () => 0) => {
  const { logger, lines } = recordingLogger();
  const output = captureOutput(logger, now);
  const stream = new PassThrough();
  output.follow(stream, 'stderr');
  return {
    lines,
    output,
    stream,
    logged: () => lines.map(({ line }) => line).filter((line) => line !== undefined),
  };
};

test('logs whole lines, wherever the bytes are cut', async () => {
  const { stream, lines, output } = capture();
  for (const byte of Buffer.from('eins €\r\n\nzwei')) stream.write(Buffer.of(byte));
  expect(output.tail()).toBe('eins €\nzwei');
  stream.end();
  await expect.poll(() => lines.length).toBe(2);
  expect(lines).toMatchObject([
    { level: 20, event: 'runtime.output', stream: 'stderr', line: 'eins €' },
    { line: 'zwei' },
  ]);
});

test('escapes what could steer a terminal or forge a line', () => {
  expect(printable('\u001b[31mred\u0007 \u202etxt\u2028x\ttab')).toBe(
    '\\u001b[31mred\\u0007 \\u202etxt\\u2028x\\u0009tab',
  );
});

test('cuts a line without end and keeps four KiB at most', () => {
  const { stream, output, logged } = capture();
  for (let times = 0; times < 100; times++) stream.write('x'.repeat(10_000));
  stream.write('\nthe end\n');
  expect(logged()).toEqual([`${'x'.repeat(2048)}…`, 'the end']);
  for (let times = 0; times < 100; times++) stream.write(`${'€'.repeat(100)}\n`);
  expect(Buffer.byteLength(output.tail())).toBeLessThanOrEqual(4096);
  expect(output.tail()).toMatch(/^€/);
});

test('a flood costs two hundred lines a second, and says what was dropped', () => {
  let time = 0;
  const { stream, lines, output, logged } = capture(() => time);
  stream.write('flood\n'.repeat(1000));
  expect(logged()).toHaveLength(200);
  time = 1000;
  stream.write('later\n');
  expect(lines.slice(200)).toMatchObject([
    { event: 'runtime.output.dropped', lines: 800 },
    { line: 'later' },
  ]);
  expect(output.tail().endsWith('flood\nlater')).toBe(true);
});

test('never lets a control character through', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(printable(text)).toMatch(/^[^\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]*$/u);
    }),
    { numRuns: 50 },
  );
});
