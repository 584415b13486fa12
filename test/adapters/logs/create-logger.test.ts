// What reaches a terminal, a collector and the network's report, for fields a stranger may have filled.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLogger, type LoggerOptions } from '../../../src/adapters/logs/create-logger.js';
import type { ReportLog } from '../../../src/adapters/logs/report-log.js';
import { NodeError } from '../../../src/errors.js';

const CANARY = 'canary-3f1c';
/** Everything a terminal obeys or a reader does not see, but the line feed that ends a line. */
const steers = (text: string): boolean => /[\p{Cc}\p{Cf}\u2028\u2029]/u.test(text.replaceAll('\n', ''));

class BadThingError extends NodeError {
  readonly code = 'BAD_THING';
  readonly retryable = true;
}

const rig = (options: Partial<LoggerOptions> = {}) => {
  const texts: string[] = [];
  const made = createLogger({
    level: 'debug',
    format: 'json',
    sink: { write: (text) => texts.push(text) },
    ...options,
  });
  return { ...made, texts, last: () => JSON.parse(texts.at(-1) ?? '') };
};

test('writes one JSON object a line: ISO time, level as a word, fields, message', () => {
  const { logger, texts, last } = rig({ base: { node: '0xabc' } });
  logger.child({ component: 'link' }).warn({ event: 'socket.closed', closeCode: 1006 }, 'the link is lost');
  expect(last()).toEqual({
    level: 'warn',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    node: '0xabc',
    component: 'link',
    event: 'socket.closed',
    closeCode: 1006,
    msg: 'the link is lost',
  });
  expect(texts[0]?.endsWith('\n')).toBe(true);
  logger.trace('below the level');
  expect(texts).toHaveLength(1);
});

test.each([
  'passphrase',
  'key',
  'privateKey',
  'private_key',
  'prompt',
  'messages',
  'input',
  'output',
  'email',
  'signature',
  'authorization',
  'Authorization',
  'cookie',
  'set-cookie',
  'api_key',
])('replaces the field %s at any depth, in bindings, lists, errors and arguments', (name) => {
  const { logger, texts } = rig();
  const secret = { [name]: CANARY };
  logger.info(secret, 'flat');
  logger.info({ a: { b: { c: [{ d: secret }] } } }, 'deep');
  logger.child(secret).info('bound');
  logger.info({
    err: new BadThingError('failed', { details: secret, cause: new BadThingError('x', { details: secret }) }),
  });
  logger.info('an argument: %o', secret);
  expect(texts).toHaveLength(5);
  expect(texts.join('')).not.toContain(CANARY);
  for (const text of texts) expect(text).toContain('[redacted]');
});

test('keeps digests and hashes readable: secrets are known by name, not by look', () => {
  const { logger, last } = rig();
  const digest = `0x${'ab'.repeat(32)}`;
  logger.info({ requestDigest: digest, key: digest }, `receipt ${digest}`);
  expect(last()).toMatchObject({ requestDigest: digest, key: '[redacted]', msg: `receipt ${digest}` });
});

test('logs an error as facts, with frames and without the message repeated in its stack', () => {
  const { logger, last } = rig();
  const cause = new TypeError('line one\n    forged: at line two');
  logger.error(
    { err: new BadThingError('it failed', { cause, advice: 'Try again.', details: { status: 503 } }) },
    'oh',
  );
  expect(last().err).toEqual({
    type: 'BadThingError',
    message: 'it failed',
    code: 'BAD_THING',
    retryable: true,
    advice: 'Try again.',
    details: { status: 503 },
    cause: { type: 'TypeError', message: cause.message, stack: expect.any(Array) },
    stack: expect.arrayContaining([expect.stringMatching(/^at .*create-logger\.test/)]),
  });
});

test('caps long texts, long lists, deep and circular objects, and never prints bytes', () => {
  const { logger, texts, last } = rig();
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  logger.info(
    { text: 'x'.repeat(1_000_000), list: Array(1000).fill(1), circular, bytes: Buffer.from(CANARY) },
    'y'.repeat(1_000_000),
  );
  expect(texts[0]?.length).toBeLessThan(40_000);
  expect(last()).toMatchObject({ bytes: '[11 bytes]' });
  expect(last().text).toBe(`${'x'.repeat(16_384)}… (983616 more)`);
  expect(last().msg).toBe(`${'y'.repeat(16_384)}… (983616 more)`);
  expect(last().list).toHaveLength(101);
});

test('drops credentials and queries of URLs', () => {
  const { logger, last } = rig();
  logger.info({ url: new URL(`https://user:${CANARY}@host.example/path?token=${CANARY}`) });
  expect(last().url).toBe('https://host.example/path');
});

test('keeps every text on one line, free of steering characters, and the same once parsed', () => {
  const text = fc.string({
    unit: fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...'\r\n\u001b\u009b\u202e\u2028"\\')),
  });
  fc.assert(
    fc.property(text, text, (message, field) => {
      const { logger, texts, last } = rig();
      logger.info({ field }, message.replaceAll('%', ''));
      expect(texts).toHaveLength(1);
      expect(texts[0]?.match(/\n/g)).toHaveLength(1);
      expect(steers(texts[0] ?? '')).toBe(false);
      // A lone surrogate has no place in UTF-8; JSON carries it as an escape.
      expect(last().field).toBe(field);
    }),
    { seed: 7, numRuns: 100 },
  );
});

test('keeps steering characters visible and on their line in pretty output', () => {
  const { logger, texts } = rig({ format: 'pretty' });
  logger.info(
    { field: 'a\nINFO: forged\u001b[2J' },
    'first\r\nINFO: forged \u202e\u001b[31m "quoted" C:\\new',
  );
  const text = texts.join('');
  expect(steers(text)).toBe(false);
  expect(text.split('\n').filter((line) => /^\s*(\[.*\] )?INFO/.test(line))).toHaveLength(1);
  expect(text).toContain('first\\r\\nINFO: forged \\u202e\\u001b[31m "quoted" C:\\new');
});

test('chooses the format by the sink when told so', () => {
  const written: string[] = [];
  const sink = { write: (text: string) => written.push(text), isTTY: true };
  createLogger({ level: 'info', format: 'auto', sink }).logger.info('hello');
  expect(written[0]).toMatch(/INFO.*hello/);
  const { logger, last } = rig({ format: 'auto' });
  logger.info('hello');
  expect(last().msg).toBe('hello');
});

test('gives attached reports the same lines as JSON, whatever the terminal gets', () => {
  const { logger, attachReports, texts } = rig({ format: 'pretty' });
  const lines: string[] = [];
  logger.info('before');
  attachReports({ write: (line) => void lines.push(line) } as ReportLog);
  logger.info({ key: CANARY }, 'after\n');
  expect(texts).toHaveLength(2);
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ msg: 'after\n', key: '[redacted]' }]);
});
