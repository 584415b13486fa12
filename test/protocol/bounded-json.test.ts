import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseBoundedJson } from '../../src/protocol/bounded-json.js';
import { LIMITS } from '../../src/protocol/limits.js';
import { MESSAGES } from '../../src/protocol/messages/catalogue.js';
import { jobOffer } from '../../src/protocol/messages/jobs.js';
import { refusalOf } from './refusal.js';

const MIB = 1024 * 1024;
const parse = (text: string, bounds = {}) =>
  parseBoundedJson(Buffer.from(text), { maxBytes: 16 * MIB, ...bounds });

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
const keyed = (keys: number): string =>
  `{${Array.from({ length: keys }, (_, key) => `"${key}":0`).join(',')}}`;
const crowded = (arrays: number): string => `[${Array.from({ length: arrays - 1 }, () => '[]').join(',')}]`;

test.each([
  ['bytes', (size: number) => `"${'x'.repeat(size - 2)}"`, { maxBytes: 100 }, 100],
  ['depth', nested, {}, LIMITS.jsonDepth],
  [
    'depth of objects',
    (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`,
    {},
    LIMITS.jsonDepth,
  ],
  ['keys', keyed, {}, LIMITS.jsonKeys],
  ['arrays', crowded, {}, LIMITS.jsonKeys],
])('takes %s up to the limit and not one more', (_, make, bounds, limit) => {
  for (const within of [limit - 1, limit]) {
    expect(parse(make(within), bounds)).toEqual(JSON.parse(make(within)));
  }
  expect(refusalOf(() => parse(make(limit + 1), bounds))).toBe('too_large');
});

test('counts nothing inside strings', () => {
  const noise = '{[:{[:'.repeat(5_000);
  const strings = { plain: noise, quoted: `"${noise}"`, escaped: `\\"${noise}\\\\"${noise}\\\\`, end: '\\' };
  expect(parse(JSON.stringify(strings))).toEqual(strings);
});

test('is not led past a limit by a string that seems to stay open', () => {
  const deep = nested(LIMITS.jsonDepth + 1);
  for (const lead of ['"\\\\"', '"\\\\\\\\"', '"\\""', '""', '"\\u0022"']) {
    expect(refusalOf(() => parse(`[${lead},${deep}]`))).toBe('too_large');
  }
});

test.each([
  '',
  ' ',
  '{',
  '[1,]',
  '{"a":1,}',
  '"a',
  '"\\"',
  "{'a':1}",
  'NaN',
  '01',
  '1 2',
  '\uFEFF{}',
  'undefined',
  ']',
  '}}',
])('refuses %j as malformed', (text) => {
  expect(refusalOf(() => parse(text))).toBe('malformed');
});

test('refuses bytes that are not UTF-8, and never repeats them in the error', () => {
  const secret = 'the prompt of somebody';
  const bytes = Buffer.concat([Buffer.from(`"${secret}`), Buffer.from([0xc3, 0x28, 0x22])]);
  const message = (bad: Uint8Array): string => {
    try {
      parseBoundedJson(bad, { maxBytes: MIB });
      return 'accepted';
    } catch (error) {
      return `${(error as Error).message} ${String((error as Error).cause)}`;
    }
  };
  expect(message(bytes)).not.toContain(secret);
  expect(message(Buffer.from(`{"a": ${secret}`))).not.toContain(secret);
  expect(refusalOf(() => parseBoundedJson(bytes, { maxBytes: MIB }))).toBe('malformed');
});

/** What JSON.parse says of the text: its value, or that it is no JSON. */
const oracle = (text: string): { readonly value: unknown } | undefined => {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
};

const sameAsOracle = (text: string): void => {
  const expected = oracle(text);
  if (expected === undefined) expect(refusalOf(() => parse(text))).toBe('malformed');
  else expect(parse(text)).toEqual(expected.value);
};

test('accepts exactly what JSON.parse accepts within the bounds', () => {
  fc.assert(fc.property(fc.json({ maxDepth: 6, stringUnit: 'grapheme' }), sameAsOracle));
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '"',
    '\\',
    '\\"',
    '\\\\',
    '"a"',
    '1',
    'null',
    ' ',
    'é',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (some) => sameAsOracle(some.join(''))),
    { numRuns: 2_000 },
  );
});

test.each([
  ['five million empty arrays', `[${'[],'.repeat(5_000_000)}1]`, 'too_large'],
  ['a depth of five million', '['.repeat(5_000_000), 'too_large'],
  ['a million keys', keyed(1_000_000), 'too_large'],
  ['seven million escaped quotes in an open string', `"${'\\"'.repeat(7_000_000)}`, 'malformed'],
  ['an open string of backslashes', `"${'\\'.repeat(15_000_000)}`, 'malformed'],
  // A parser that looked at anything twice for each character would not end within the hour.
])('does not stall on %s', (_, text, verdict) => {
  expect(refusalOf(() => parse(text))).toBe(verdict);
});

test.each([
  '{"__proto__":{"polluted":1}}',
  '{"constructor":{"prototype":{"polluted":1}}}',
  '{"\\u005f_proto__":{"polluted":1}}',
])('lets %s pollute nothing, through any schema of the wire', (text) => {
  const hostile = parse(text) as object;
  const before = Object.getOwnPropertyNames(Object.prototype);
  for (const { schema } of Object.values(MESSAGES)) {
    const { data } = schema.safeParse(hostile);
    expect(data === undefined || !('polluted' in (data as object))).toBe(true);
  }
  const offer = { ...(hostile as Record<string, unknown>), ...offerWith(hostile) };
  const parsed = jobOffer.parse(offer);
  expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
  expect(Object.getPrototypeOf(parsed.request)).toBe(Object.prototype);
  expect('polluted' in parsed || 'polluted' in parsed.request).toBe(false);
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

const offerWith = (request: object) => ({
  job: '01JGFJJZ00TESTTESTTESTTEST',
  attempt: 1,
  endpoint: 'chat.completions',
  mode: 'sync',
  model: { id: 'tiny', digest: `sha256:${'0'.repeat(64)}` },
  request,
  max_output_tokens: 1,
  ttl_left_ms: 1,
  exec_timeout_ms: 1,
  lease_ms: 1,
  priority: 0,
  salt: `0x${'0'.repeat(64)}`,
});
