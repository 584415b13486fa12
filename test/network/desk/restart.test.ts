// The network's process ends at the worst moments; the store is all that is left.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chatAnswer, chatStream, ScriptedNode } from '../io/scripted-node.js';
import { NAMESPACE, NetworkRig, START_CREDITS, streamOrder } from './network-rig.js';

let rig: NetworkRig;
beforeEach(async () => {
  rig = await NetworkRig.start();
});
afterEach(() => rig.stop());

const ANSWER = chatAnswer('hi');
const settlementsOf = (job: string) => rig.ledger.entries({ job }).filter(({ kind }) => kind === 'settle');

test('queued jobs go on', async () => {
  const { job } = await rig.submit({ mode: 'poll' });
  await rig.restart();
  const node = await rig.worker();
  const offer = await node.next('job.offer');
  expect(offer.body).toMatchObject({ job, attempt: 1 });
  node.accept(offer);
  node.finish(offer, ANSWER);
  expect((await node.next('result.ack')).body.verdict).toBe('accepted');
  expect(rig.desk.find(job, NAMESPACE)?.status).toBe('completed');
});

test('an accepted job waits for its node, which finishes it', async () => {
  const before = await rig.worker();
  const { job } = await rig.submit({ mode: 'poll' });
  const offer = await before.next('job.offer');
  before.accept(offer);
  await before.heartbeat({ credit_limit: 4 });
  await rig.restart();
  expect(await before.closed).toBeGreaterThan(1000);
  expect(rig.desk.find(job, NAMESPACE)).toMatchObject({ status: 'running', attempts: 1 });

  const back = await rig.join(2, { running: [{ job, attempt: 1 }] });
  back.finish(offer, ANSWER);
  expect((await back.next('result.ack')).body.verdict).toBe('accepted');
  expect(settlementsOf(job)).toHaveLength(1);
});

test('a stream whose deltas are forgotten is settled by the result with all chunks', async () => {
  const made = chatStream(['a', 'b']);
  const before = await rig.worker();
  const { job } = await rig.submit(streamOrder());
  const offer = await before.next('job.offer');
  before.accept(offer);
  before.delta(offer, 0, made.chunks.slice(0, 2));
  await before.heartbeat({ credit_limit: 4 });
  await rig.restart();
  const back = await rig.join(2, { running: [{ job, attempt: 1 }] });
  back.finish(offer, made, {}, true);
  expect((await back.next('result.ack')).body.verdict).toBe('accepted');
});

test('an accepted job whose node stays away goes to another one, without a strike', async () => {
  const before = await rig.worker();
  const { job } = await rig.submit({ mode: 'poll', ttlMs: 600_000 });
  before.accept(await before.next('job.offer'));
  await before.heartbeat({ credit_limit: 4 });
  await rig.restart();
  const other = await rig.worker(3);
  await rig.pass(40_000, other);
  expect((await other.next('job.offer')).body).toMatchObject({ job, attempt: 2 });
  expect(rig.registry.find(before.address)?.strikes).toBe(0);
});

test('an attempt the node knows nothing of any more is given away at once', async () => {
  const before = await rig.worker();
  const { job } = await rig.submit({ mode: 'poll' });
  before.accept(await before.next('job.offer'));
  await before.heartbeat({ credit_limit: 4 });
  await rig.restart();
  const back = await rig.worker(2);
  expect((await back.next('job.offer')).body).toMatchObject({ job, attempt: 2 });
});

test('a job past its time expires at the start and its reservation is released', async () => {
  const { job } = await rig.submit({ mode: 'poll' });
  await rig.core.close();
  rig.time.advance(60_000);
  await rig.restart();
  rig.time.advance(0);
  expect(rig.desk.find(job, NAMESPACE)?.status).toBe('expired');
  await expect.poll(() => rig.ledger.balance(NAMESPACE)).toEqual({ available: START_CREDITS, reserved: 0n });
});

test('what was acknowledged before is named in the welcome and answered as duplicate after', async () => {
  const before = await rig.worker();
  const { job } = await rig.submit();
  const offer = await before.next('job.offer');
  before.accept(offer);
  const result = before.finish(offer, ANSWER);
  const { receipt_digest } = (await before.next('result.ack')).body;
  await rig.restart();
  const back = await ScriptedNode.dial(rig.nodeOptions(2));
  const entry = { job, attempt: 1, receipt_digest };
  await back.hello({ outbox: [entry] });
  expect((await back.next('welcome')).body.have).toEqual([entry]);
  back.send('result', result);
  expect((await back.next('result.ack')).body).toEqual({
    job,
    attempt: 1,
    receipt_digest,
    verdict: 'duplicate',
  });
  expect(settlementsOf(job)).toHaveLength(1);
});

test('ended jobs are pruned when nobody can ask for them any more', async () => {
  const { job } = await rig.submit({ mode: 'poll' });
  rig.time.advance(60_000);
  await expect.poll(() => rig.desk.find(job, NAMESPACE)?.status).toBe('expired');
  rig.time.advance(50 * 3_600_000);
  await expect.poll(() => rig.desk.find(job, NAMESPACE)).toBeUndefined();
});
