import { expect, test } from 'vitest';
import { CONFIG, FILES } from '../../scripts/vectors/samples.js';
import { parseConfigSnapshot } from '../../src/protocol/config-snapshot.js';
import { digestOf } from '../../src/protocol/digest.js';
import { LIMITS, TIMES } from '../../src/protocol/limits.js';
import { manifestDigest, modelDigest, modelManifest } from '../../src/protocol/model-manifest.js';
import { refusalOf } from './refusal.js';

type Json = Record<string, unknown>;
type Path = readonly (string | number)[];

/** A copy of the valid snapshot with one value replaced; undefined removes the field. */
const changed = (path: Path, value: unknown): Json => {
  const copy = structuredClone(CONFIG) as unknown as Json;
  let place: Json = copy;
  for (const step of path.slice(0, -1)) place = place[step] as Json;
  place[path.at(-1) as string] = value;
  return copy;
};
const verdict = (snapshot: unknown, network = 'devnet') =>
  refusalOf(() => parseConfigSnapshot(Buffer.from(JSON.stringify(snapshot)), network));

test('reads a valid snapshot whole, and leaves out what it does not know', () => {
  expect(parseConfigSnapshot(Buffer.from(JSON.stringify({ ...CONFIG, later: 1 })), 'devnet')).toEqual(CONFIG);
});

test.each<readonly [string, Path, number, number]>([
  ['heartbeat_ms', ['ttl', 'heartbeat_ms'], TIMES.heartbeatMinMs, TIMES.heartbeatMaxMs],
  ['outbox_ms', ['ttl', 'outbox_ms'], 60_000, Number.MAX_SAFE_INTEGER],
  ['retest_ms', ['ttl', 'retest_ms'], 60_000, 7 * 24 * 3_600_000],
  ['retry_base_ms', ['ttl', 'retry_base_ms'], 100, 60_000],
  ['retry_cap_ms', ['ttl', 'retry_cap_ms'], 1_000, 3_600_000],
  ['max_output_tokens', ['jobs', 'max_output_tokens'], 1, 1_000_000],
  ['max_input_bytes', ['jobs', 'max_input_bytes'], 1, LIMITS.offerBytes],
  ['queue_max', ['jobs', 'queue_max'], 0, 4096],
  ['exec_timeout_ms', ['jobs', 'exec_timeout_ms'], 1_000, TIMES.jobMaxMs],
  ['interval_ms', ['reports', 'interval_ms'], 1_000, 7 * 24 * 3_600_000],
  ['segment_bytes', ['reports', 'segment_bytes'], 1024, 16 * 1024 * 1024],
  ['version', ['version'], 1, Number.MAX_SAFE_INTEGER],
  ['max_concurrent', ['runtimes', 0, 'max_concurrent'], 1, 4096],
  ['test timeout', ['models', 0, 'test', 'timeout_ms'], 1_000, TIMES.jobMaxMs],
  ['context_tokens', ['models', 0, 'context_tokens'], 1, Number.MAX_SAFE_INTEGER],
])('takes %s at its bounds and refuses it beyond', (_, path, least, most) => {
  expect([least, most].map((value) => verdict(changed(path, value)))).toEqual(['accepted', 'accepted']);
  for (const beyond of [least - 1, most + 1, least + 0.5, String(least), null, undefined]) {
    expect(verdict(changed(path, beyond)), String(beyond)).toBe('malformed');
  }
});

const provided = (count: number) =>
  Array.from({ length: count }, (_, at) => {
    const model = { id: `model-${at}`, version: '1', files: [] };
    return { ...CONFIG.models[1], ...model, digest: modelDigest(model) };
  });
const times = (count: number, value: unknown) => Array.from({ length: count }, () => value);

test.each<readonly [string, Path, unknown, unknown]>([
  ['models', ['models'], provided(256), provided(257)],
  ['runtimes', ['runtimes'], times(16, CONFIG.runtimes[0]), times(17, CONFIG.runtimes[0])],
  ['tasks', ['models', 0, 'tasks'], ['chat', 'completion', 'embedding'], []],
  ['engines', ['models', 0, 'engines'], times(16, 'vllm'), times(17, 'vllm')],
  ['one engine at least', ['models', 0, 'engines'], ['vllm'], []],
  ['engine name', ['models', 0, 'engines'], ['x'.repeat(32)], ['x'.repeat(33)]],
  ['model version', ['models', 0, 'version'], 'v'.repeat(64), 'v'.repeat(65)],
  ['contains', ['models', 0, 'test', 'contains'], 'x'.repeat(256), 'x'.repeat(257)],
  ['image', ['runtimes', 0, 'image'], `vllm@sha256:${'0'.repeat(64)}`, 'vllm:latest'],
  ['image name', ['runtimes', 0, 'image'], `vllm@sha256:${'0'.repeat(64)}`, `vllm@sha256:${'0'.repeat(63)}`],
  ['kind', ['kind'], 'config', 'root'],
  ['endpoint', ['models', 0, 'test', 'endpoint'], 'completions', 'images.generations'],
  ['task', ['models', 0, 'tasks'], ['chat'], ['vision']],
  ['model id', ['models', 0, 'id'], 'org/model:tag', '../model'],
  ['model id length', ['models', 0, 'id'], 'm'.repeat(128), 'm'.repeat(129)],
])('takes %s within bounds and refuses it beyond', (_, path, within, beyond) => {
  expect(verdict(changed(path, within))).toBe('accepted');
  expect(verdict(changed(path, beyond))).toBe('malformed');
});

test('refuses a snapshot of another network, and one larger than its limit', () => {
  expect(verdict(CONFIG, 'mainnet')).toBe('network_mismatch');
  const padded = (size: number) => Buffer.from(JSON.stringify(CONFIG).padEnd(size, ' '));
  expect(refusalOf(() => parseConfigSnapshot(padded(LIMITS.configBytes), 'devnet'))).toBe('accepted');
  expect(refusalOf(() => parseConfigSnapshot(padded(LIMITS.configBytes + 1), 'devnet'))).toBe('too_large');
});

test('refuses a model whose digest is not that of its files, and one listed twice', () => {
  expect(verdict(changed(['models', 0, 'digest'], digestOf('another')))).toBe('malformed');
  const [one, other] = CONFIG.models;
  expect(verdict(changed(['models'], [one, one]))).toBe('malformed');
  expect(verdict(changed(['models'], [one, { ...other, id: one?.id }]))).toBe('malformed');
  expect(verdict(changed(['models'], [one, { ...one, id: 'same-files' }]))).toBe('malformed');
});

const file = (path: string) => ({
  path,
  size_bytes: 1,
  sha256: digestOf(path),
  sources: ['https://x.example/f'],
});
const takes = (files: unknown): boolean => modelManifest.safeParse(files).success;

test.each([
  'config.json',
  'a',
  'A-b_c.d',
  'weights/model-00001-of-00002.safetensors',
  'a/b/c/d/e/f/g/h',
  'tokenizer.model',
  'x.binary',
  'notes.pyx',
])('takes the path %s', (path) => {
  expect(takes([file(path)])).toBe(true);
});

test.each([
  '',
  '.',
  '..',
  '../x',
  'a/../x',
  'a/..',
  '.hidden',
  'a/.hidden',
  '/etc/passwd',
  'a//b',
  'a/',
  'a\\b',
  'C:x',
  'a b',
  'a\u0000b',
  'a\nb',
  'naïve',
  'a%2fb',
  'a/b/c/d/e/f/g/h/i',
  'x'.repeat(257),
  'model.py',
  'a/model.PY',
  'm.pyc',
  'm.so',
  'm.bin',
  'm.Bin',
  'm.pt',
  'm.pth',
  'm.pkl',
  'm.pickle',
])('refuses the path %j', (path) => {
  expect(takes([file(path)])).toBe(false);
});

test('wants paths sorted by code unit, each once', () => {
  expect(takes([file('a'), file('b')])).toBe(true);
  expect(takes([file('B'), file('a')])).toBe(true);
  expect(takes([file('b'), file('a')])).toBe(false);
  expect(takes([file('a'), file('a')])).toBe(false);
  expect(takes([])).toBe(true);
});

test('wants sources by https, http or file, one to eight', () => {
  const from = (...sources: string[]) => takes([{ ...file('a'), sources }]);
  expect(from('https://x.example/f', 'http://x.example/f', 'file:///srv/f')).toBe(true);
  expect(from(...(times(8, 'https://x.example/f') as string[]))).toBe(true);
  expect(from(...(times(9, 'https://x.example/f') as string[]))).toBe(false);
  expect(from()).toBe(false);
  for (const source of ['ftp://x/f', 'data:,x', 'javascript:x', '/srv/f', 's3://b/f', 'xhttps://x/f']) {
    expect(from(source), source).toBe(false);
  }
});

test('digests one line per file: digest, size and path, and not where the file comes from', () => {
  const lines = FILES.map((one) => `${one.sha256} ${one.size_bytes} ${one.path}\n`).join('');
  expect(manifestDigest(FILES)).toBe(digestOf(lines));
  expect(manifestDigest(FILES.map((one) => ({ ...one, sources: ['https://elsewhere.example/'] })))).toBe(
    manifestDigest(FILES),
  );
  for (const change of [{ path: 'other' }, { size_bytes: 3 }, { sha256: digestOf('x') }]) {
    expect(manifestDigest(FILES.map((one, at) => (at === 0 ? { ...one, ...change } : one)))).not.toBe(
      manifestDigest(FILES),
    );
  }
});

test('names a model without files by its name and version', () => {
  const brought = (id: string, version: string) => modelDigest({ id, version, files: [] });
  expect(brought('llama', '1')).toBe(digestOf('engine-provided llama 1\n'));
  expect(new Set([brought('llama', '1'), brought('llama', '2'), brought('qwen', '1')]).size).toBe(3);
  expect(modelDigest({ id: 'x', version: '1', files: FILES })).toBe(manifestDigest(FILES));
});
