// Blind jobs look like paid ones, cost nobody anything, and find out who answers otherwise.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { answerDigest } from '../../../src/network/blind/blind-answer.js';
import { compareAnswer, EMPTY_REFERENCE } from '../../../src/network/blind/blind-reference.js';
import { blindOrder } from '../../../src/network/blind/blind-request.js';
import { chatOrder, MODEL_ENTRY, NAMESPACE, NetworkRig, START_CREDITS } from '../desk/network-rig.js';
import { chatAnswer, chatStream, type Offer, type ScriptedNode } from '../io/scripted-node.js';

let rig: NetworkRig;
beforeEach(async () => {
  rig = await NetworkRig.start();
});
afterEach(() => rig.stop());

/** Keys and kinds of values, not the values. */
const shapeOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, one]) => [key, shapeOf(one)])
      .sort(),
  );
};

const serve = async (node: ScriptedNode, words: string): Promise<Offer> => {
  const offer = await node.next('job.offer');
  node.accept(offer);
  if (offer.body.mode === 'stream') {
    const made = chatStream(words.split(' '));
    node.delta(offer, 0, [...made.chunks]);
    node.finish(offer, made);
  } else {
    node.finish(offer, chatAnswer(words));
  }
  await node.next('result.ack');
  return offer;
};

test.each(['sync', 'stream'] as const)('a blind offer has the shape of a paid one (%s)', async (mode) => {
  const node = await rig.worker();
  const paid = chatOrder('What is the capital of France?', 32);
  const body = {
    ...paid.request.body,
    temperature: 0.7,
    seed: 5,
    ...(mode === 'stream' ? { stream: true } : {}),
  };
  const request = { ...paid.request, body } as typeof paid.request;
  await rig.submit({ ...paid, request, mode, ttlMs: 90_000, priority: 3 });
  const first = await serve(node, 'Paris');
  const injected = rig.core.blind.inject();
  const second = await serve(node, 'Lisbon');
  expect(await injected).toBe(second.body.job);

  expect(Object.keys(second.header).sort()).toEqual(Object.keys(first.header).sort());
  expect(Object.keys(second.body)).toEqual(Object.keys(first.body)); // in the same order as well
  expect(shapeOf(second.body)).toEqual(shapeOf(first.body));
  const manner = ({ mode: m, priority, ttl_left_ms, exec_timeout_ms, lease_ms }: Offer['body']) => [
    m,
    priority,
    ttl_left_ms,
    exec_timeout_ms,
    lease_ms,
  ];
  expect(manner(second.body)).toEqual(manner(first.body));
});

test('a blind job costs nobody anything and belongs to nobody', async () => {
  const node = await rig.worker();
  const injected = rig.core.blind.inject();
  await serve(node, 'Lisbon');
  const job = (await injected) ?? '';
  expect(rig.ledger.balance(NAMESPACE)).toEqual({ available: START_CREDITS, reserved: 0n });
  expect(rig.ledger.entries().map(({ kind }) => kind)).toEqual(['deposit']);
  expect(rig.desk.find(job, '')).toBeUndefined();
  expect(rig.desk.cancel(job, '')).toBe(false);
});

test('an answer given twice becomes the reference, and who keeps differing from it is sent to cool down', async () => {
  const honest = await rig.worker(2, 9);
  for (let round = 0; round < 2; round++) {
    const injected = rig.core.blind.inject();
    await serve(honest, 'Lisbon');
    await injected;
    await honest.heartbeat({ credit_limit: 9 });
  }
  expect(rig.core.blind.findings(10)).toEqual([]);
  await honest.heartbeat({ prefs: { draining: true, paused: false } });
  const liar = await rig.worker(3, 9);
  for (let round = 0; round < 3; round++) {
    const injected = rig.core.blind.inject();
    const offer = await serve(liar, 'Madrid');
    await injected;
    expect(rig.core.blind.findings(1)).toMatchObject([{ node: liar.address, job: offer.body.job }]);
    await liar.heartbeat({ credit_limit: 9 });
    rig.time.advance(1);
  }
  expect((await liar.next('standing')).body).toMatchObject({ state: 'cooldown', code: 'quality' });
  expect(rig.core.blind.findings(9)).toHaveLength(3);
  expect(rig.registry.find(honest.address)?.strikes).toBe(0);
});

test('blind jobs come by themselves at the configured rate', async () => {
  await rig.stop();
  rig = await NetworkRig.start({ blindEveryMs: 10_000 });
  const node = await rig.worker();
  rig.time.advance(1); // the rng says 0: the shortest interval there is
  expect((await node.next('job.offer')).body.request).toMatchObject({ model: 'tiny', temperature: 0 });
});

test('nothing is injected while no node serves a model', async () => {
  expect(await rig.core.blind.inject()).toBeUndefined();
});

const NODES = ['a', 'b', 'c'].map((one) => `0x${one.repeat(40)}`);
const [A = '', B = '', C = ''] = NODES;

test('the first agreement decides, and convicts those who said otherwise before', () => {
  const first = compareAnswer(EMPTY_REFERENCE, A, 'sha256:wrong');
  const second = compareAnswer(first.reference, B, 'sha256:right');
  expect([first.mismatched, second.mismatched]).toEqual([[], []]);
  const third = compareAnswer(second.reference, C, 'sha256:right');
  expect(third).toEqual({ reference: { agreed: 'sha256:right', seen: [] }, mismatched: [A] });
  expect(compareAnswer(third.reference, B, 'sha256:wrong').mismatched).toEqual([B]);
});

test('words count, ids and the way of travel do not', () => {
  const plain = answerDigest([chatAnswer('a b').output ?? '']);
  expect(answerDigest(chatStream(['a', ' b']).chunks)).toBe(plain);
  expect(answerDigest([chatAnswer('a c').output ?? ''])).not.toBe(plain);
  expect(answerDigest(['not json'])).toBeUndefined();
  const embedding = (one: number) => JSON.stringify({ data: [{ embedding: [one, 0.5] }] });
  expect(answerDigest([embedding(0.1201)])).toBe(answerDigest([embedding(0.1199)]));
});

test('an order is made for what the model can do, in a manner that was seen', () => {
  const manner = { mode: 'poll', priority: 2, ttlMs: 7, maxTokens: 16 } as const;
  const chat = blindOrder(MODEL_ENTRY, [manner], () => 0);
  expect(chat).toMatchObject({
    mode: 'poll',
    priority: 2,
    ttlMs: 7,
    request: { endpoint: 'chat.completions' },
  });
  expect(chat?.request.body).toMatchObject({ temperature: 0, max_tokens: 16 });
  expect(blindOrder({ ...MODEL_ENTRY, tasks: ['completion'] }, [], () => 0.5)?.request.endpoint).toBe(
    'completions',
  );
  expect(blindOrder({ ...MODEL_ENTRY, tasks: ['embedding'] }, [], () => 0)).toBeUndefined();
});
