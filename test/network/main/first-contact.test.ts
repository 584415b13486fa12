// A node's first minutes with a network: the node's own HTTP adapter, real signatures, a code from a real mail file.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SigningKey } from 'ethers/crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createNetworkHttp } from '../../../src/adapters/network-http/undici-network-http.js';
import { networkPaths } from '../../../src/network/main/network-paths.js';
import { encodeSignedRequest } from '../../../src/protocol/signed-request.js';
import { createSigner } from '../../../src/protocol/signer.js';
import { readTrustRoot } from '../../../src/protocol/trust-root.js';
import { HARDWARE } from '../io/scripted-node.js';
import { DRAFT, NetworkInDirectory } from './running-network.js';

const PRIVATE_KEY = `0x${'7'.padStart(64, '0')}`;
const signer = createSigner(PRIVATE_KEY);
const node = signer.address;

let rig: NetworkInDirectory;
beforeEach(async () => {
  rig = await NetworkInDirectory.start();
});
afterEach(() => rig.stop());

test('is found, trusted, registered with, claimed by mail, and joined', async () => {
  const { url, genesis, publisher } = rig.network;
  const { signal } = new AbortController();
  const http = createNetworkHttp(url, { agentVersion: '0.1.0' });

  const info = await http.info(signal);
  expect(info).toMatchObject({ network: 'devnet', genesis, portal_url: url, config: null });
  expect(info.socket_url).toBe(`${url.replace('http', 'ws')}/v1/nodes/ws`);
  const { network } = readTrustRoot(await http.root(signal), genesis);

  const say = async (kind: string, body: object): Promise<Uint8Array> => {
    const { nonce } = await http.challenge(signal);
    return encodeSignedRequest(network, signer, kind, { nonce, node, ...body }, Date.now());
  };
  const about = {
    public_key: SigningKey.computePublicKey(PRIVATE_KEY, false),
    agent_version: '0.1.0',
    protocol: 1,
    hardware: HARDWARE,
    engines: ['simulator'],
  };
  const registered = await http.register(node, await say('register', about), signal);
  expect(registered).toMatchObject({ node, standing: { state: 'pending' } });

  const owner = { kind: 'email', email: 'owner@example.org' };
  const { binding } = await http.startBinding(node, await say('bind.start', { owner }), signal);
  const code = await codeFromMail();
  const proof = { kind: 'email', code };
  const bound = await http.finishBinding(node, await say('bind.finish', { binding, proof }), signal);
  expect(bound.standing.state).toBe('active');

  const { document } = await publisher.publish(DRAFT);
  expect(Buffer.from(await http.config(null, signal))).toEqual(Buffer.from(document));
  await rig.worker(7);
  expect(rig.network.snapshot().nodes).toMatchObject([{ node, standing: { state: 'active' } }]);
});

const codeFromMail = async (): Promise<string> => {
  const { outbox } = networkPaths(rig.dir);
  const mails = async () => (await readdir(outbox).catch(() => [])).filter((name) => name.endsWith('.eml'));
  await expect.poll(mails).toHaveLength(1);
  const [name = ''] = await mails();
  const [code] = /\b[0-9]{8}\b/.exec(await readFile(join(outbox, name), 'utf8')) ?? [];
  if (code === undefined) throw new Error('the mail holds no code');
  return code;
};
