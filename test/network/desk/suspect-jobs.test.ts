// Requests after which engines die: who is tried again, beside whom, how often, and whom it is held against.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chatAnswer } from '../io/scripted-node.js';
import { chatOrder, endOf, NAMESPACE, NetworkRig } from './network-rig.js';

let rig: NetworkRig;
beforeEach(async () => {
  rig = await NetworkRig.start();
});
afterEach(() => rig.stop());

const AVOIDED_MS = 5_000;

test('jobs that ended with one engine count once; they come back one at a time, and only the poison fails', async () => {
  const node = await rig.worker(8);
  const jobs = await Promise.all([1, 2, 3].map(() => rig.submit(chatOrder())));
  const offers = [];
  for (const _ of jobs) {
    const offer = await node.next('job.offer');
    node.accept(offer);
    offers.push(offer);
  }
  for (const offer of offers) {
    node.finish(offer, {}, { outcome: 'runtime_crashed' });
    await node.next('result.ack');
  }
  await expect.poll(() => rig.registry.find(node.address)?.strikes).toBe(1);

  const poison = offers[0]?.body.job;
  rig.time.advance(AVOIDED_MS);
  for (let tried = 0; tried < 3; tried++) {
    await node.heartbeat({ credit_limit: 32 });
    const offer = await node.next('job.offer');
    expect(offer.body.attempt).toBe(2);
    node.accept(offer);
    // Only this one: the next frame is an answer to the heartbeat, not another offer.
    await node.heartbeat({ credit_limit: 32 });
    expect(node.received.map(({ type }) => type)).not.toContain('job.offer');
    if (offer.body.job === poison) node.finish(offer, {}, { outcome: 'runtime_stalled' });
    else node.finish(offer, chatAnswer('hi'));
    expect((await node.next('result.ack')).body.verdict).toBe('accepted');
  }
  const ends = await Promise.all(jobs.map(endOf));
  expect(ends.map((end) => end?.type).sort()).toEqual(['completed', 'completed', 'failed']);
  expect(rig.desk.find(poison ?? '', NAMESPACE)).toMatchObject({ status: 'failed', attempts: 2 });
  await node.heartbeat({ credit_limit: 32 });
  expect(node.received.map(({ type }) => type)).not.toContain('job.offer');
});
