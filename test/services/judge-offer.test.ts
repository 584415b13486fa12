import { expect, test } from 'vitest';
import { CONFIG, TIME_MS } from '../../scripts/vectors/samples.js';
import type { ConfigSnapshot } from '../../src/protocol/config-snapshot.js';
import type { JobOffer } from '../../src/protocol/messages/jobs.js';
import { type Admission, judgeOffer } from '../../src/services/validate-job.js';
import { BODIES } from '../protocol/message-samples.js';

const [TINY, VECTORS] = CONFIG.models;
if (TINY === undefined || VECTORS === undefined) throw new Error('the sample configuration lists two models');

const OFFER: JobOffer = { ...BODIES['job.offer'], model: { id: TINY.id, digest: TINY.digest }, mode: 'sync' };
const EMBED: Partial<JobOffer> = {
  endpoint: 'embeddings',
  model: { id: VECTORS.id, digest: VECTORS.digest },
  request: { model: 'vectors', input: 'Hi' },
};
const ADMISSION: Admission = {
  isAdmitting: true,
  isPaused: false,
  isWithinCredit: true,
  modelState: () => 'active',
};

const judge = (
  offer: Partial<JobOffer> = {},
  admission: Partial<Admission> = {},
  config: ConfigSnapshot | undefined = CONFIG,
  more: { bytes?: number; nowMs?: number } = {},
) => {
  const taken = {
    offer: { ...OFFER, ...offer },
    requestDigest: `sha256:${'0'.repeat(64)}`,
    bytes: more.bytes ?? 100,
    session: '',
    receivedMs: 0,
    receivedMonotonicMs: 0,
  };
  return judgeOffer(taken, config, { ...ADMISSION, ...admission }, more.nowMs ?? TIME_MS);
};
const chat = (change: object): Partial<JobOffer> => ({ request: { ...OFFER.request, ...change } });

test('takes an offer that keeps to everything', () => {
  expect(judge()).toBeNull();
  expect(judge({ mode: 'stream' })).toBeNull();
  expect(judge({ mode: 'poll' })).toBeNull();
  expect(judge(EMBED)).toBeNull();
  expect(judge({}, {}, CONFIG, { nowMs: CONFIG.expires_ms, bytes: CONFIG.jobs.max_input_bytes })).toBeNull();
  expect(judge({ max_output_tokens: 4096, ...chat({ max_tokens: 4096 }) })).toBeNull();
});

test.each<readonly [string, string | null, () => unknown]>([
  ['paused', null, () => judge({}, { isPaused: true })],
  ['draining', null, () => judge({}, { isAdmitting: false })],
  ['over_credit', null, () => judge({}, { isWithinCredit: false })],
  ['config_mismatch', null, () => judgeOffer({ ...taken }, undefined, ADMISSION, TIME_MS)],
  ['config_mismatch', null, () => judge({}, {}, CONFIG, { nowMs: CONFIG.expires_ms + 1 })],
  ['config_mismatch', 'model', () => judge({ model: { id: 'unlisted', digest: TINY.digest } })],
  ['config_mismatch', 'model', () => judge({ model: { id: TINY.id, digest: VECTORS.digest } })],
  ['model_not_active', 'model', () => judge({}, { modelState: () => undefined })],
  ['model_not_active', 'model', () => judge({}, { modelState: () => 'testing' })],
  ['unsupported_mode', 'model', () => judge({ ...EMBED, endpoint: 'chat.completions' })],
  ['unsupported_mode', 'model', () => judge({ endpoint: 'embeddings' })],
  ['unsupported_mode', 'stream', () => judge({ ...EMBED, mode: 'stream' })],
  ['ttl_expired', null, () => judge({ ttl_left_ms: 0 })],
  ['ttl_expired', null, () => judge({ exec_timeout_ms: 0 })],
  ['input_too_large', null, () => judge({}, {}, CONFIG, { bytes: CONFIG.jobs.max_input_bytes + 1 })],
  ['unsupported_parameter', 'max_tokens', () => judge({ max_output_tokens: 4097 })],
  ['unsupported_parameter', 'chat_template', () => judge(chat({ chat_template: 'x' }))],
  ['unsupported_parameter', 'messages', () => judge(chat({ messages: 7 }))],
  ['malformed', 'model', () => judge(chat({ model: 'another' }))],
  ['malformed', 'max_tokens', () => judge(chat({ max_tokens: 17 }))],
])('declines with %s at %s', (code, param, verdict) => {
  expect(verdict()).toEqual({ code, param });
});

const taken = {
  offer: OFFER,
  requestDigest: `sha256:${'0'.repeat(64)}`,
  bytes: 1,
  session: '',
  receivedMs: 0,
  receivedMonotonicMs: 0,
};

test("asks for the state of the model the configuration lists, by its digest, not by the offer's word", () => {
  const asked: string[] = [];
  const modelState = (digest: string) => {
    asked.push(digest);
    return 'active' as const;
  };
  judge({}, { modelState });
  expect(asked).toEqual([TINY.digest]);
});

test('tells the owner’s own reasons before anything about the offer', () => {
  const broken = { ttl_left_ms: 0, model: { id: 'unlisted', digest: TINY.digest } };
  const all = { isPaused: true, isAdmitting: false, isWithinCredit: false };
  expect(judge(broken, all)?.code).toBe('paused');
  expect(judge(broken, { ...all, isPaused: false })?.code).toBe('draining');
  expect(judge(broken, { isWithinCredit: false })?.code).toBe('over_credit');
});

test('never says what was in the request', () => {
  const secret = 'the prompt of somebody';
  expect(JSON.stringify(judge(chat({ messages: secret, temperature: secret })))).not.toContain(secret);
});
