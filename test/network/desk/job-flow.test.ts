// Jobs from order to settlement, with a real socket, real signatures and a store on disk.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NO_DIGEST } from '../../../src/protocol/receipt.js';
import { startStreamChain } from '../../../src/protocol/stream-chain.js';
import { chatAnswer, chatStream, ScriptedNode } from '../io/scripted-node.js';
import {
  chatOrder,
  endOf,
  eventsOf,
  MODEL,
  NAMESPACE,
  NetworkRig,
  START_CREDITS,
  streamOrder,
} from './network-rig.js';

let rig: NetworkRig;
beforeEach(async () => {
  rig = await NetworkRig.start();
});
afterEach(() => rig.stop());

const ANSWER = chatAnswer('hi');
const STREAM = chatStream(['a', 'b', 'c']);
/** 5 prompt tokens at 1, 7 completion tokens at 2. */
const PRICE = 19n;

test('a plain job is offered, answered, acknowledged and settled once', async () => {
  const node = await rig.worker();
  const handle = await rig.submit();
  expect(rig.ledger.balance(NAMESPACE).reserved).toBeGreaterThan(0n);
  const offer = await node.next('job.offer');
  expect(offer.body).toMatchObject({
    job: handle.job,
    attempt: 1,
    max_output_tokens: 64,
    ttl_left_ms: 60_000,
  });
  expect(offer.body.request).toEqual(chatOrder().request.body);
  node.accept(offer);
  const { receipt } = node.finish(offer, ANSWER);
  const ack = await node.next('result.ack');
  expect(ack.body).toEqual({
    job: handle.job,
    attempt: 1,
    receipt_digest: node.previous,
    verdict: 'accepted',
  });
  const usage = { prompt_tokens: receipt.prompt_tokens, completion_tokens: receipt.completion_tokens };
  expect(await eventsOf(handle)).toEqual([
    { type: 'started' },
    { type: 'completed', output: ANSWER.output, usage, receiptDigest: node.previous },
  ]);
  expect(rig.ledger.balance(NAMESPACE)).toEqual({ available: START_CREDITS - PRICE, reserved: 0n });
  expect(rig.ledger.earned(node.address)).toBe(PRICE);
  await expect
    .poll(() => rig.registry.find(node.address)?.last_receipt)
    .toEqual({ seq: 0, digest: node.previous });
  expect(rig.desk.find(handle.job, NAMESPACE)).toMatchObject({
    status: 'completed',
    attempts: 1,
    end: { type: 'completed', output: ANSWER.output },
  });
  expect(rig.desk.find(handle.job, 'someone else')).toBeUndefined();
});

test('the same result again is a duplicate with the same digest, and is not billed again', async () => {
  const node = await rig.worker();
  const handle = await rig.submit();
  const offer = await node.next('job.offer');
  node.accept(offer);
  const result = node.finish(offer, ANSWER);
  node.send('result', result);
  const first = await node.next('result.ack');
  const second = await node.next('result.ack');
  expect([first.body.verdict, second.body.verdict]).toEqual(['accepted', 'duplicate']);
  expect(second.body.receipt_digest).toBe(first.body.receipt_digest);
  await endOf(handle);
  node.send('result', result);
  expect((await node.next('result.ack')).body.verdict).toBe('duplicate');
  expect(rig.ledger.earned(node.address)).toBe(PRICE);
});

test('chunks reach the client as they come, and the receipt commits to all of them', async () => {
  const node = await rig.worker();
  const handle = await rig.submit(streamOrder());
  const offer = await node.next('job.offer');
  node.accept(offer);
  node.delta(offer, 0, STREAM.chunks.slice(0, 2));
  node.delta(offer, 1, STREAM.chunks.slice(1, 3)); // an overlap, identical
  const events = handle.events[Symbol.asyncIterator]();
  const seen = [];
  while (seen.length < 4) seen.push((await events.next()).value);
  expect(seen).toEqual([
    { type: 'started' },
    ...STREAM.chunks.slice(0, 3).map((data) => ({ type: 'chunk', data })),
  ]);
  node.delta(offer, 3, STREAM.chunks.slice(3));
  node.finish(offer, STREAM);
  expect((await node.next('result.ack')).body.verdict).toBe('accepted');
  const rest = [];
  for (let next = await events.next(); next.done !== true; next = await events.next()) rest.push(next.value);
  expect(rest).toEqual([
    ...STREAM.chunks.slice(3).map((data) => ({ type: 'chunk', data })),
    { type: 'completed', output: null, usage: STREAM.usage, receiptDigest: node.previous },
  ]);
});

test('a gap is told once, and the result with all chunks repairs the stream', async () => {
  const node = await rig.worker();
  const handle = await rig.submit(streamOrder());
  const offer = await node.next('job.offer');
  node.accept(offer);
  node.delta(offer, 0, STREAM.chunks.slice(0, 1));
  node.delta(offer, 2, STREAM.chunks.slice(2, 3));
  expect((await node.next('error')).body).toMatchObject({ code: 'delta_gap', fatal: false });
  node.finish(offer, STREAM, {}, true);
  expect((await node.next('result.ack')).body.verdict).toBe('accepted');
  const events = await eventsOf(handle);
  expect(events.filter((one) => one.type === 'chunk').map((one) => one.data)).toEqual(STREAM.chunks);
});

test('a stream goes on in the next session where the network says, and the client misses and repeats nothing', async () => {
  const node = await rig.worker();
  const handle = await rig.submit(streamOrder());
  const offer = await node.next('job.offer');
  node.accept(offer);
  node.delta(offer, 0, STREAM.chunks.slice(0, 2));
  node.delta(offer, 3, STREAM.chunks.slice(3)); // a gap: from here on nothing more would be taken in this session
  await node.next('error');
  await node.cut();

  const back = await ScriptedNode.dial(rig.nodeOptions(2));
  const running = [{ job: handle.job, attempt: 1 }];
  await back.hello({ running });
  const held = startStreamChain(handle.job, 1, offer.header.bd);
  for (const chunk of STREAM.chunks.slice(0, 2)) held.append(chunk);
  expect((await back.next('welcome')).body.resume).toEqual([
    { job: handle.job, attempt: 1, i: 2, head: held.head },
  ]);
  back.delta(offer, 2, STREAM.chunks.slice(2));
  back.finish(offer, STREAM); // without its chunks
  expect((await back.next('result.ack')).body.verdict).toBe('accepted');
  const events = await eventsOf(handle);
  expect(events.filter((one) => one.type === 'chunk').map((one) => one.data)).toEqual(STREAM.chunks);
  expect(events.at(-1)).toMatchObject({ type: 'completed' });
});

test('a plain job, and a stream of another node, are not resumed', async () => {
  const node = await rig.worker();
  const plain = await rig.submit();
  const offer = await node.next('job.offer');
  node.accept(offer);
  await node.heartbeat({ credit_limit: 4 });
  await node.cut();
  const back = await ScriptedNode.dial(rig.nodeOptions(2));
  const foreign = { job: '01JGFJJZ00TESTTESTTESTTEST', attempt: 1 };
  await back.hello({ running: [{ job: plain.job, attempt: 1 }, foreign] });
  expect((await back.next('welcome')).body).toMatchObject({ stop: [foreign], resume: [] });
});

describe('an attempt that is lost', () => {
  test('restarts silently on another node when the client has read nothing', async () => {
    const first = await rig.worker(2);
    const handle = await rig.submit(streamOrder());
    const offer = await first.next('job.offer');
    first.accept(offer);
    first.delta(offer, 0, ['{"choices":[]}']);
    await first.heartbeat({ credit_limit: 4 });
    const second = await rig.worker(3);
    first.finish(offer, {}, { outcome: 'runtime_crashed' });
    expect((await first.next('result.ack')).body.verdict).toBe('accepted');
    const again = await second.next('job.offer');
    expect(again.body).toMatchObject({ job: handle.job, attempt: 2 });
    second.accept(again);
    second.delta(again, 0, [...STREAM.chunks]);
    second.finish(again, STREAM);
    const chunks = (await eventsOf(handle)).filter((one) => one.type === 'chunk');
    expect(chunks.map((one) => one.data)).toEqual(STREAM.chunks);
    await expect.poll(() => rig.registry.find(first.address)?.strikes).toBe(1);
    expect(rig.ledger.earned(first.address)).toBe(0n);
  });

  test('counts once against a node, however often the job fails there', async () => {
    const node = await rig.worker(8);
    await rig.submit(chatOrder());
    for (const attempt of [1, 2]) {
      const offer = await node.next('job.offer');
      expect(offer.body.attempt).toBe(attempt);
      node.accept(offer);
      node.finish(offer, {}, { outcome: 'runtime_crashed' });
      expect((await node.next('result.ack')).body.verdict).toBe('accepted');
      rig.time.advance(5_000);
    }
    await expect.poll(() => rig.registry.find(node.address)?.strikes).toBe(1);
  });

  test('fails the job once a token went out: streams are not spliced', async () => {
    const node = await rig.worker(2);
    await rig.worker(3);
    const handle = await rig.submit(streamOrder());
    const offer = await node.next('job.offer');
    node.accept(offer);
    node.delta(offer, 0, STREAM.chunks.slice(0, 1));
    const events = handle.events[Symbol.asyncIterator]();
    await events.next();
    expect((await events.next()).value).toEqual({ type: 'chunk', data: STREAM.chunks[0] });
    node.finish(offer, {}, { outcome: 'runtime_oom' });
    expect((await events.next()).value).toEqual({
      type: 'failed',
      refusal: { code: 'node_failed', outcome: 'runtime_oom', param: null },
    });
    expect(rig.ledger.balance(NAMESPACE)).toEqual({ available: START_CREDITS, reserved: 0n });
  });

  test('goes to the next node when an offer is not answered in time', async () => {
    const silent = await rig.worker(2);
    const handle = await rig.submit();
    const offer = await silent.next('job.offer');
    const other = await rig.worker(3);
    rig.time.advance(5_000);
    expect((await silent.next('job.cancel')).body).toEqual({
      job: handle.job,
      attempt: 1,
      reason: 'superseded',
    });
    expect((await other.next('job.offer')).body.attempt).toBe(2);
    silent.accept(offer);
    expect((await silent.next('job.cancel')).body.attempt).toBe(1);
  });

  test('goes to another node after lease and grace, and its late result is superseded and not billed', async () => {
    const lost = await rig.worker(2);
    const handle = await rig.submit({ ttlMs: 600_000 });
    const offer = await lost.next('job.offer');
    lost.accept(offer);
    await lost.heartbeat({ credit_limit: 4 });
    await lost.cut();
    const other = await rig.worker(3);
    await rig.pass(39_000, other);
    expect(rig.desk.find(handle.job, NAMESPACE)).toMatchObject({ status: 'running', attempts: 1 });
    rig.time.advance(1_000);
    const again = await other.next('job.offer');
    expect(again.body.attempt).toBe(2);

    const back = await rig.join(2, { running: [{ job: handle.job, attempt: 1 }] });
    const { receipt } = back.finish(offer, ANSWER);
    expect((await back.next('result.ack')).body).toMatchObject({ attempt: 1, verdict: 'superseded' });
    expect(receipt.attempt).toBe(1);
    other.accept(again);
    other.finish(again, ANSWER);
    expect((await other.next('result.ack')).body.verdict).toBe('accepted');
    expect(rig.ledger.earned(back.address)).toBe(0n);
    expect(rig.ledger.earned(other.address)).toBe(PRICE);
  });

  test('stays with a node that comes back within the lease', async () => {
    const node = await rig.worker(2);
    const handle = await rig.submit();
    const offer = await node.next('job.offer');
    node.accept(offer);
    await node.heartbeat({ credit_limit: 4 });
    await node.cut();
    const back = await rig.join(2, { running: [{ job: handle.job, attempt: 1 }] });
    back.finish(offer, ANSWER);
    expect((await back.next('result.ack')).body.verdict).toBe('accepted');
  });

  test('is stopped at the welcome when it is no longer wanted', async () => {
    const node = await rig.worker(2);
    const handle = await rig.submit();
    node.accept(await node.next('job.offer'));
    await node.heartbeat();
    await node.cut();
    handle.cancel('client_cancelled');
    await endOf(handle);
    const back = await rig.join(2);
    await back.close();
    const again = await ScriptedNode.dial(rig.nodeOptions(2));
    await again.hello({ running: [{ job: handle.job, attempt: 1 }] });
    expect((await again.next('welcome')).body.stop).toEqual([{ job: handle.job, attempt: 1 }]);
  });

  test('is handed back by a node that says goodbye', async () => {
    const leaving = await rig.worker(2);
    const handle = await rig.submit();
    const offer = await leaving.next('job.offer');
    leaving.accept(offer);
    const other = await rig.worker(3);
    leaving.send('goodbye', { reason: 'stopping', jobs: [{ job: handle.job, attempt: 1 }] });
    expect((await other.next('job.offer')).body).toMatchObject({ job: handle.job, attempt: 2 });
    expect(await leaving.closed).toBe(1000);
    expect(rig.registry.find(leaving.address)?.strikes).toBe(0);
  });
});

describe('a decline', () => {
  test('of a busy node brings the job back to it after a moment', async () => {
    const node = await rig.worker();
    const handle = await rig.submit();
    const { job, attempt } = (await node.next('job.offer')).body;
    node.send('job.decline', { job, attempt, code: 'busy', retry_after_ms: 2_000 });
    await node.heartbeat({ credit_limit: 4 });
    rig.time.advance(1_999);
    await node.heartbeat({ credit_limit: 4 });
    expect(rig.desk.find(handle.job, NAMESPACE)?.attempts).toBe(1);
    rig.time.advance(1);
    expect((await node.next('job.offer')).body.attempt).toBe(2);
  });

  test('for what the client did ends the job at once and names the field', async () => {
    const node = await rig.worker();
    const handle = await rig.submit();
    const { job, attempt } = (await node.next('job.offer')).body;
    node.send('job.decline', { job, attempt, code: 'context_too_long', param: 'messages' });
    expect(await endOf(handle)).toEqual({
      type: 'failed',
      refusal: { code: 'context_length_exceeded', outcome: null, param: 'messages' },
    });
  });

  test('after every attempt ends the job without capacity', async () => {
    const node = await rig.worker(2, 10);
    const handle = await rig.submit();
    for (let attempt = 1; attempt <= 4; attempt++) {
      const { job } = (await node.next('job.offer')).body;
      node.send('job.decline', { job, attempt, code: 'busy' });
      await node.heartbeat({ credit_limit: 10 });
      rig.time.advance(1_000);
    }
    expect(await endOf(handle)).toMatchObject({ type: 'failed', refusal: { code: 'no_capacity' } });
    expect(rig.ledger.balance(NAMESPACE)).toEqual({ available: START_CREDITS, reserved: 0n });
  });
});

test('a refusal of the Runtime goes to the client with its field', async () => {
  const node = await rig.worker();
  const handle = await rig.submit();
  const offer = await node.next('job.offer');
  node.accept(offer);
  node.finish(offer, { refusal: { code: 'bad_stop', param: 'stop' } }, { outcome: 'runtime_rejected' });
  expect(await endOf(handle)).toEqual({
    type: 'failed',
    refusal: { code: 'invalid_request', outcome: 'runtime_rejected', param: 'stop' },
  });
  expect(rig.registry.find(node.address)?.strikes).toBe(0);
});

test('cancelling stops the node, releases the reservation, and a result that still comes is superseded', async () => {
  const node = await rig.worker();
  const handle = await rig.submit();
  const offer = await node.next('job.offer');
  node.accept(offer);
  await node.heartbeat({ credit_limit: 4 });
  expect(rig.desk.cancel(handle.job, NAMESPACE)).toBe(true);
  expect((await node.next('job.cancel')).body).toEqual({
    job: handle.job,
    attempt: 1,
    reason: 'client_cancelled',
  });
  expect(await endOf(handle)).toMatchObject({ type: 'failed', refusal: { code: 'cancelled' } });
  expect(rig.desk.find(handle.job, NAMESPACE)?.status).toBe('cancelled');
  expect(rig.desk.cancel(handle.job, NAMESPACE)).toBe(false);
  node.finish(offer, {}, { outcome: 'cancelled' });
  expect((await node.next('result.ack')).body.verdict).toBe('superseded');
  expect(rig.ledger.balance(NAMESPACE)).toEqual({ available: START_CREDITS, reserved: 0n });
});

test('a job that nobody finishes in its time expires', async () => {
  const node = await rig.worker();
  const handle = await rig.submit({ ttlMs: 20_000 });
  node.accept(await node.next('job.offer'));
  await node.heartbeat({ credit_limit: 4 });
  rig.time.advance(20_000);
  expect((await node.next('job.cancel')).body.reason).toBe('deadline');
  expect(await endOf(handle)).toMatchObject({ type: 'failed', refusal: { code: 'deadline_exceeded' } });
  expect(rig.desk.find(handle.job, NAMESPACE)?.status).toBe('expired');
});

test('a job whose model no node serves fails after ten seconds; a busy network keeps it', async () => {
  const lonely = await rig.submit();
  rig.time.advance(9_999);
  expect(rig.desk.find(lonely.job, NAMESPACE)?.status).toBe('queued');
  rig.time.advance(1);
  expect(await endOf(lonely)).toMatchObject({ type: 'failed', refusal: { code: 'no_capacity' } });

  const full = await rig.join();
  await full.offerCapacity(0, 1);
  const waiting = await rig.submit();
  await rig.pass(12_000, full);
  expect(rig.desk.find(waiting.job, NAMESPACE)?.status).toBe('queued');
});

test('a client that does not read has its job ended before memory is', async () => {
  await rig.stop();
  rig = await NetworkRig.start({ clientBufferBytes: 1_000 });
  const node = await rig.worker();
  const handle = await rig.submit(streamOrder());
  const offer = await node.next('job.offer');
  node.accept(offer);
  node.delta(offer, 0, ['x'.repeat(600), 'y'.repeat(600)]);
  expect((await node.next('job.cancel')).body.reason).toBe('client_gone');
  expect(await endOf(handle)).toMatchObject({ type: 'failed', refusal: { code: 'slow_client' } });
});

test('a forged receipt is rejected, counts against the node, and three in a row bring a cool-down', async () => {
  const node = await rig.worker(2, 10);
  const handle = await rig.submit({ ttlMs: 600_000 });
  for (let attempt = 1; attempt <= 3; attempt++) {
    const offer = await node.next('job.offer');
    node.accept(offer);
    node.finish(offer, ANSWER, { completion_tokens: 9 });
    expect((await node.next('result.ack')).body).toMatchObject({
      attempt,
      verdict: 'rejected',
      code: 'usage_implausible',
    });
    await node.heartbeat({ credit_limit: 10 });
    rig.time.advance(5_000);
  }
  const { body } = await node.next('standing');
  expect(body).toMatchObject({ state: 'cooldown', code: 'usage_implausible' });
  expect(body.until_ms).toBeGreaterThan(rig.time.nowMs());
  expect(rig.desk.find(handle.job, NAMESPACE)).toMatchObject({ status: 'queued', attempts: 3 });
  expect(rig.ledger.earned(node.address)).toBe(0n);
});

test('a result of a job that never was is answered, so that the node can forget it', async () => {
  const node = await rig.worker();
  await rig.submit();
  const offer = await node.next('job.offer');
  const stranger = { ...offer, body: { ...offer.body, job: '01J00000000000000000000000' } };
  node.finish(stranger, ANSWER, { previous: NO_DIGEST });
  expect((await node.next('result.ack')).body).toMatchObject({ verdict: 'rejected', code: 'unknown_job' });
});

describe('admission', () => {
  test('refuses unknown models, too many tokens and empty accounts, and leaves nothing behind', async () => {
    const order = chatOrder();
    const body = { ...order.request.body, model: 'other' };
    const request = { ...order.request, body } as typeof order.request;
    await expect(rig.submit({ request })).rejects.toMatchObject({ code: 'UNKNOWN_MODEL' });
    await expect(rig.submit(chatOrder('x', 2000))).rejects.toMatchObject({ code: 'TOO_MANY_TOKENS' });
    await expect(rig.submit(chatOrder('x'.repeat(100_001)))).rejects.toMatchObject({
      code: 'TOO_MANY_TOKENS',
    });
    await expect(rig.submit({ namespace: 'poor' })).rejects.toMatchObject({ code: 'INSUFFICIENT_CREDITS' });
    expect(rig.core.snapshot().jobs).toEqual({});
    await rig.restart();
    expect(rig.core.snapshot().jobs).toEqual({});
  });

  test('gives the same job for the same key, also at the same moment and after a restart', async () => {
    const node = await rig.worker();
    const order = { idempotencyKey: 'k1' };
    const [first, twin] = await Promise.all([rig.submit(order), rig.submit(order)]);
    expect(twin.job).toBe(first.job);
    const offer = await node.next('job.offer');
    node.accept(offer);
    node.finish(offer, ANSWER);
    expect(await endOf(twin)).toEqual(await endOf(first));
    await rig.restart();
    const later = await rig.submit(order);
    expect(later.job).toBe(first.job);
    expect(await endOf(later)).toMatchObject({ type: 'completed', output: ANSWER.output });
    expect((await rig.submit({ ...order, namespace: NAMESPACE, idempotencyKey: 'k2' })).job).not.toBe(
      first.job,
    );
    rig.time.advance(24 * 3_600_000 + 1);
    expect((await rig.submit(order)).job).not.toBe(first.job);
  });

  test('lists models with the nodes that would serve them now', async () => {
    expect(rig.desk.models()).toMatchObject([{ id: MODEL.id, nodes: 0, context_tokens: 4096 }]);
    const node = await rig.worker();
    expect(rig.desk.models()).toMatchObject([{ nodes: 1 }]);
    await node.heartbeat({ prefs: { draining: true, paused: false } });
    expect(rig.desk.models()).toMatchObject([{ nodes: 0 }]);
  });
});

test('no more offers leave than the node allowed, and each conclusion it adds to its credit brings one more', async () => {
  const node = await rig.worker(2, 2);
  const handles = [];
  for (let n = 0; n < 4; n++) {
    handles.push(await rig.submit());
    rig.time.advance(1); // jobs of one millisecond have no order
  }
  const offers = [await node.next('job.offer'), await node.next('job.offer')];
  await node.heartbeat({ credit_limit: 2 });
  await node.heartbeat({ credit_limit: 2 });
  expect(node.received.filter(({ type }) => type === 'job.offer')).toEqual([]);
  const [first] = offers;
  if (first === undefined) throw new Error('no offer');
  node.accept(first);
  node.finish(first, ANSWER);
  await node.next('result.ack');
  node.send('capacity', { credit_limit: 3, slots: { total: 2, free: 1 } });
  expect((await node.next('job.offer')).body.job).toBe(handles[2]?.job);
  await node.heartbeat();
  expect(rig.core.snapshot().nodes[0]).toMatchObject({ offersSent: 3, creditLimit: 3, inflight: 2 });
});

test('no credit appears or vanishes, whatever becomes of the jobs', async () => {
  const node = await rig.worker(2, 100);
  const outcomes = ['completed', 'cancelled by client', 'runtime_rejected', 'completed', 'expired', 'forged'];
  for (const outcome of outcomes) {
    const handle = await rig.submit({ ttlMs: 600_000 });
    const offer = await node.next('job.offer');
    node.accept(offer);
    if (outcome === 'cancelled by client') {
      await node.heartbeat();
      handle.cancel('client_gone');
    } else if (outcome === 'forged') {
      node.finish(offer, ANSWER, { completion_tokens: 60 });
      await node.next('result.ack');
      handle.cancel('client_gone');
    } else {
      const made = outcome === 'completed' ? ANSWER : {};
      node.finish(offer, made, { outcome: outcome as 'completed' });
      await node.next('result.ack');
    }
    await endOf(handle);
    const { available, reserved } = rig.ledger.balance(NAMESPACE);
    expect([reserved, available + rig.ledger.earned(node.address)]).toEqual([0n, START_CREDITS]);
  }
  expect(rig.ledger.earned(node.address)).toBe(2n * PRICE);
  expect(rig.ledger.audit()).toEqual([]);
});

test('a verdict that could not be stored is never said, and the nodes are sent away to come back', async () => {
  const node = await rig.worker();
  const handle = await rig.submit();
  const offer = await node.next('job.offer');
  node.accept(offer);
  await node.heartbeat();
  rig.ledger.settleNow = () => {
    throw new Error('disk full');
  };
  node.finish(offer, ANSWER);
  expect(await node.closed).toBeGreaterThan(1000);
  expect(node.received.filter(({ type }) => type === 'result.ack')).toEqual([]);
  await rig.restart();
  expect(rig.desk.find(handle.job, NAMESPACE)).toMatchObject({ status: 'running', end: null });
  const back = await rig.join(2, { running: [{ job: handle.job, attempt: 1 }] });
  back.finish(offer, ANSWER);
  expect((await back.next('result.ack')).body.verdict).toBe('accepted');
  expect(rig.ledger.earned(back.address)).toBe(PRICE);
});
