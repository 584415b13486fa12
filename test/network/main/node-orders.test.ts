// Orders of a network's operator: signed, answered by the node, shown in the list of nodes, and kept to by the scheduler.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AdminClient, createAdminClient } from '../../../src/network/admin/admin-client.js';
import { networkPaths } from '../../../src/network/main/network-paths.js';
import { chatAnswer } from '../io/scripted-node.js';
import { DRAFT, NetworkInDirectory } from './running-network.js';

const UNTIL = Date.UTC(2999, 0, 1);

let rig: NetworkInDirectory;
let admin: AdminClient;

beforeEach(async () => {
  rig = await NetworkInDirectory.start();
  await rig.network.publisher.publish(DRAFT);
  admin = createAdminClient(networkPaths(rig.dir).adminSocket, rig.dir);
});
afterEach(() => rig.stop());

const shownOrder = async (): Promise<unknown> => (await admin.call('nodes', {})).nodes[0]?.order;

test('reach the node signed, and come back with its answer', async () => {
  const node = await rig.worker();
  const asked = admin.call('nodes.order', {
    node: node.address.toLowerCase(),
    verb: 'pause',
    note: 'new release',
    until_ms: UNTIL,
  });
  const { body } = await node.next('admin.command'); // its signature has been checked by then
  expect(body).toMatchObject({ verb: 'pause', note: 'new release', until_ms: UNTIL });
  node.send('admin.result', { id: body.id, outcome: 'refused', reason: 'owner_order' });
  expect(await asked).toEqual({
    node: node.address.toLowerCase(),
    outcome: 'refused',
    reason: 'owner_order',
  });
});

test('are answered by the node they were given to and by no other', async () => {
  const [node, other] = [await rig.worker(2), await rig.worker(3)];
  const asked = admin.call('nodes.order', { node: node.address, verb: 'drain' });
  const { body } = await node.next('admin.command');
  other.send('admin.result', { id: body.id, outcome: 'refused' });
  await other.heartbeat();
  node.send('admin.result', { id: body.id, outcome: 'done' });
  node.send('admin.result', { id: body.id, outcome: 'failed' });
  expect(await asked).toMatchObject({ outcome: 'done', reason: null });
  await node.heartbeat();
});

test('fail at once for a node that is offline, unknown, or lost before it answered', async () => {
  const node = await rig.worker();
  const asked = admin.call('nodes.order', { node: node.address, verb: 'drain' });
  await node.next('admin.command');
  await node.cut();
  await expect(asked).rejects.toMatchObject({ code: 'NODE_OFFLINE', retryable: true });
  await expect(admin.call('nodes.order', { node: node.address, verb: 'drain' })).rejects.toMatchObject({
    code: 'NODE_OFFLINE',
  });
  await expect(
    admin.call('nodes.order', { node: `0x${'9'.repeat(40)}`, verb: 'drain' }),
  ).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('a node that rests is shown with whose order it follows, and is offered nothing until it goes on', async () => {
  const [{ openai }, resting] = [await rig.client(), await rig.worker(2)];
  expect(await shownOrder()).toBeNull();
  const order = { kind: 'pause', by: 'owner', since_ms: 1, until_ms: UNTIL, note: 'gaming' } as const;
  await resting.heartbeat({ credit_limit: 4, prefs: { draining: true, paused: true, order } });
  expect(await shownOrder()).toEqual(order);
  const asked = openai.chat.completions.create({
    model: 'tiny',
    messages: [{ role: 'user', content: 'Hello' }],
    max_tokens: 16,
  });
  await expect.poll(async () => (await admin.call('status', {})).jobs).toMatchObject({ queued: 1 });
  await resting.heartbeat({ credit_limit: 4, prefs: { draining: true, paused: true, order } });
  expect(resting.received.filter(({ type }) => type === 'job.offer')).toEqual([]);
  await resting.heartbeat({ credit_limit: 4 });
  const offer = await resting.next('job.offer');
  resting.accept(offer);
  resting.finish(offer, chatAnswer('Hi'));
  expect((await asked).choices[0]?.message.content).toBe('Hi');
  expect(await shownOrder()).toBeNull();
});
