// A node that falls silent with many jobs in hand: one cut is one failure, however much it had taken on.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chatOrder, NetworkRig } from './network-rig.js';

let rig: NetworkRig;
beforeEach(async () => {
  rig = await NetworkRig.start();
});
afterEach(() => rig.stop());

test('leases lost in one silence count once, and bring no cool-down', async () => {
  const node = await rig.worker(8);
  const jobs = await Promise.all([1, 2, 3, 4].map(() => rig.submit(chatOrder())));
  for (const _ of jobs) node.accept(await node.next('job.offer'));
  await node.heartbeat();
  node.socket.terminate();
  await expect.poll(() => rig.core.snapshot().nodes).toEqual([]);
  rig.time.advance(60_000);
  await expect.poll(() => rig.registry.find(node.address)?.strikes).toBe(1);
  const again = await rig.join();
  await again.heartbeat();
  expect(rig.registry.find(node.address)).toMatchObject({ strikes: 1, exclusion: null });
});
