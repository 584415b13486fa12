// The verbs on a whole running network: what an operator sees is what the rooms hold.
import { recoverTypedDataAddress } from 'viem';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { type AdminClient, createAdminClient } from '../../../src/network/admin/admin-client.js';
import { networkPaths } from '../../../src/network/main/network-paths.js';
import { engineAnswer } from '../cloud/cloud-rig.js';
import { DRAFT, NetworkInDirectory } from '../main/running-network.js';

/** What an EIP-712 library takes; viem's types want literals that JSON does not carry. */
const recoverable = z.custom<Parameters<typeof recoverTypedDataAddress>[0]>(
  (value) => typeof value === 'object' && value !== null && 'domain' in value,
);

const FUNDED = { available: '2500000', reserved: '0', charged: '0', deposited: '2500000' };

let rig: NetworkInDirectory;
let admin: AdminClient;
beforeEach(async () => {
  rig = await NetworkInDirectory.start();
  admin = createAdminClient(networkPaths(rig.dir).adminSocket, rig.dir);
});
afterEach(() => rig.stop());

test('begins empty', async () => {
  expect(await admin.call('status', {})).toMatchObject({
    name: 'devnet',
    genesis: rig.network.genesis,
    url: rig.network.url,
    data_dir: rig.dir,
    pid: process.pid,
    config: null,
    models: [],
    nodes: { registered: 0, online: 0 },
    jobs: {},
  });
  expect(await admin.call('config.show', {})).toEqual({ config: null });
  expect(await admin.call('nodes', {})).toEqual({ nodes: [], next: null });
  expect(await admin.call('jobs', {})).toEqual({ jobs: [], next: null });
  expect(await admin.call('ledger', {})).toEqual({ entries: [], next: null });
});

test('takes an account from creation to a revoked key', async () => {
  const account = await admin.call('accounts.create', { name: 'acme' });
  const [namespace = ''] = account.namespaces.map((one) => one.namespace);
  expect(namespace).toBe('acme/default');
  expect(await admin.call('deposit', { namespace, amount: '2500000' })).toEqual({
    namespace,
    ...FUNDED,
  });
  expect((await admin.call('accounts.list', {})).accounts).toEqual([
    { ...account, namespaces: [{ namespace, ...FUNDED }] },
  ]);
  const { secret, ...shown } = await admin.call('keys.create', { namespace });
  expect(rig.network.accounts.authenticate(secret)).toEqual({ namespace, keyId: shown.key });
  expect(await admin.call('keys.list', {})).toEqual({ keys: [shown], next: null });
  expect((await admin.call('keys.revoke', { key: shown.key })).revoked_ms).not.toBeNull();
  expect(rig.network.accounts.authenticate(secret)).toBeUndefined();
});

test('gives no credits to a namespace that does not exist', async () => {
  const lost = admin.call('deposit', { namespace: 'acme/typo', amount: '1' });
  await expect(lost).rejects.toMatchObject({ code: 'UNKNOWN_NAMESPACE', advice: expect.any(String) });
  expect(rig.network.ledger.entries()).toEqual([]);
});

test('publishes an operator’s draft and refuses a broken one with every fault', async () => {
  const published = await admin.call('config.publish', { draft: JSON.stringify(DRAFT) });
  expect(published).toMatchObject({ version: 1, snapshot: { network: 'devnet', models: DRAFT.models } });
  expect(await admin.call('config.show', {})).toEqual({ config: published });
  const draft = 'models: [{ id: "a b" }]\nruntimes: none\n';
  await expect(admin.call('config.publish', { draft })).rejects.toMatchObject({
    code: 'CONFIG_DRAFT',
    message: expect.stringMatching(/models\.0\.id.*runtimes/s),
  });
  expect(rig.network.publisher.current()?.version).toBe(1);
});

test('shows a served job, its node and its money', async () => {
  await rig.network.publisher.publish(DRAFT);
  const [{ openai, namespace }, node] = [await rig.client(), await rig.worker()];
  const asked = openai.chat.completions.create({
    model: 'tiny',
    messages: [{ role: 'user', content: 'Hello' }],
    max_tokens: 16,
  });
  const offer = await node.next('job.offer');
  node.accept(offer);
  expect(await admin.call('status', {})).toMatchObject({
    config: { version: 1 },
    models: [{ id: 'tiny', nodes: 1 }],
    nodes: { registered: 1, online: 1 },
  });
  const usage = { prompt_tokens: 3, completion_tokens: 2 };
  node.finish(offer, { output: JSON.stringify(engineAnswer), usage });
  await asked;
  const { job } = offer.body;
  expect((await admin.call('jobs', { limit: 1 })).jobs).toEqual([
    expect.objectContaining({
      job,
      namespace,
      state: 'completed',
      code: null,
      usage,
      attempts: [
        {
          attempt: offer.body.attempt,
          node: node.address,
          state: 'completed',
          code: null,
          offered_ms: expect.any(Number),
          accepted_ms: expect.any(Number),
          verdict: 'accepted',
          verdict_code: null,
        },
      ],
    }),
  ]);
  const { entries } = await admin.call('ledger', { job });
  expect(entries.map(({ kind }) => kind).sort()).toEqual(['release', 'reserve', 'settle']);
  expect((await admin.call('nodes', {})).nodes).toEqual([
    expect.objectContaining({
      node: node.address,
      owner: 'wallet',
      standing: 'active',
      online: true,
      models: ['tiny'],
      out_of_rotation: [],
      earned: String(rig.network.ledger.price(usage)),
    }),
  ]);
});

test('knows no receipts of a job that never was', async () => {
  const job = '01JD3Q9V6Y5T0M8K2N4P6R8S0W';
  await expect(admin.call('receipts.show', { job })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('shows a receipt that any wallet library can check', async () => {
  await rig.network.publisher.publish(DRAFT);
  const [{ openai }, node] = [await rig.client(), await rig.worker()];
  const asked = openai.completions.create({ model: 'tiny', prompt: 'Hello', max_tokens: 16 });
  const offer = await node.next('job.offer');
  node.accept(offer);
  const output = JSON.stringify({
    choices: [{ index: 0, text: ' there', finish_reason: 'stop' }],
    usage: { prompt_tokens: 5, completion_tokens: 7 },
  });
  const { receipt, receipt_sig } = node.finish(offer, { output });
  await asked;
  const { receipts } = await admin.call('receipts.show', { job: receipt.job });
  expect(receipts).toEqual([
    expect.objectContaining({ receipt, signature: receipt_sig, digest: expect.stringMatching(/^sha256:/) }),
  ]);
  const [shown] = receipts;
  const signed = recoverable.parse({ ...shown?.typed_data, signature: shown?.signature });
  expect(await recoverTypedDataAddress(signed)).toBe(node.address);
});
