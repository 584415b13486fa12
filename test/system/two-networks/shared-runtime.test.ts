// Two networks that ask for the same Runtime: both are served by one engine, their records lie apart, what is signed for
// one is nothing to the other, and the end of one is not the other's.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createNetworkHttp } from '../../../src/adapters/network-http/undici-network-http.js';
import { openKey } from '../../../src/daemon/open-key.js';
import { CLOSE } from '../../../src/protocol/codes.js';
import { signAsNode } from '../../../src/protocol/handshake.js';
import { signedFacts } from '../../../src/protocol/message-codec.js';
import type { NetworkId } from '../../../src/protocol/network-id.js';
import { receiptHash } from '../../../src/protocol/receipt.js';
import { recoverSigner, sameAddress } from '../../../src/protocol/signature.js';
import { encodeSignedRequest } from '../../../src/protocol/signed-request.js';
import { readTrustRoot } from '../../../src/protocol/trust-root.js';
import { runHere, until } from '../../e2e/processes.js';
import { untilAcknowledged } from '../../e2e/whole-system.js';
import { ScriptedNode } from '../../network/io/scripted-node.js';
import {
  ask,
  bytesBelow,
  enginesOf,
  inNetwork,
  isServing,
  networks,
  type OwnNetwork,
  startTwoNetworks,
  untilServing,
} from './rig.js';

const signal = new AbortController().signal;
const httpOf = ({ url }: OwnNetwork) => createNetworkHttp(url, { agentVersion: '0.1.0' });

const idOf = async (network: OwnNetwork): Promise<NetworkId> =>
  readTrustRoot(await httpOf(network).root(signal), network.genesis).network;

test('one engine serves both; journals, receipts, reports and signatures are each network’s own; one may die', async () => {
  // Bounds differ, the engine does not: the preferred network's hold.
  const system = await startTwoNetworks({
    testnet: (draft) => ({
      ...draft,
      runtimes: draft.runtimes.map((runtime) => ({ ...runtime, max_concurrent: 3 })),
    }),
  });
  const { node, mainnet, testnet, directory } = system;
  await untilServing(node, mainnet);
  await untilServing(node, testnet);
  const engine = await enginesOf(node);
  expect(engine).toHaveLength(1);
  const both = await networks(node);
  expect(
    both.map(({ name, hasRuntime, runtimeHolder, jobs }) => [name, hasRuntime, runtimeHolder, jobs.slots]),
  ).toEqual([
    ['mainnet', true, 'mainnet', 2],
    ['testnet', true, 'mainnet', 2],
  ]);

  // Both send jobs at once; every result is signed, verified and paid for in its own network.
  const jobs: Record<string, string[]> = { mainnet: [], testnet: [] };
  await Promise.all(
    [mainnet, testnet].map(async (network) => {
      const ids = await Promise.all(Array.from({ length: 3 }, () => ask(network)));
      jobs[network.name] = ids;
    }),
  );
  const attempts = await untilAcknowledged(node);
  expect(attempts).toHaveLength(6);
  const nodeId = (await node.control.status()).nodeId ?? '';
  for (const [network, other] of [
    [mainnet, testnet],
    [testnet, mainnet],
  ] as const) {
    const own = await node.control.jobs(100, network.name);
    expect(own.every((line) => line.network === network.name && line.verdict === 'accepted')).toBe(true);
    // Two chains of receipts, each from its own beginning.
    expect(own.map(({ receiptSeq }) => receiptSeq).sort()).toEqual(
      [1, 2, 3].map((seq) => seq - 1 + firstSeq(own)),
    );
    const admin = await network.admin.call('jobs', { limit: 100 });
    expect(admin.jobs.map(({ state }) => state)).toEqual(['completed', 'completed', 'completed']);
    const [id, stranger] = [await idOf(network), await idOf(other)];
    for (const { job } of admin.jobs) {
      const { receipts } = await network.admin.call('receipts.show', { job });
      expect(receipts).toHaveLength(1);
      for (const { receipt, signature } of receipts) {
        expect(sameAddress(recoverSigner(receiptHash(id, receipt), signature), nodeId)).toBe(true);
        expect(sameAddress(recoverSigner(receiptHash(stranger, receipt), signature), nodeId)).toBe(false);
      }
    }
  }

  // Reports go out every two seconds: what a network was told of its jobs has left the node.
  const told = async ({ place }: OwnNetwork): Promise<Buffer> => bytesBelow(join(place, 'network'));
  const jobIds = async (network: OwnNetwork): Promise<readonly string[]> =>
    (await node.control.jobs(100, network.name)).map(({ job }) => job);
  for (const [network, other] of [
    [mainnet, testnet],
    [testnet, mainnet],
  ] as const) {
    const [ownId = ''] = await jobIds(network);
    const reports = () => bytesBelow(join(network.place, 'network', 'reports'));
    const bytes = await until(
      `${network.name} has a report of its jobs`,
      reports,
      (found) => found.includes(ownId),
      30_000,
    );
    const here = await bytesBelow(join(node.dataDir, 'networks', network.name));
    expect(here.includes(ownId)).toBe(true);
    for (const foreign of [...(await jobIds(other)), other.url]) {
      expect(bytes.includes(foreign), 'in the reports').toBe(false);
      expect((await told(network)).includes(foreign), 'in the network’s records').toBe(false);
      expect(here.includes(foreign), 'in the node’s records of the network').toBe(false);
    }
  }

  // The owner sees both, and says which one is meant.
  const page = await runHere(['status', '--data-dir', node.dataDir], directory);
  for (const { name, url } of [mainnet, testnet])
    expect(page.stdout).toContain(`${name} at ${url}, connected`);
  const table = await runHere(['jobs', '--network', 'testnet', '--data-dir', node.dataDir], directory);
  expect(table.stdout.split('\n').filter((line) => line.startsWith('testnet '))).toHaveLength(3);
  expect(table.stdout).not.toContain('mainnet');
  const models = await runHere(['models', '--json', '--data-dir', node.dataDir], directory);
  expect(
    (JSON.parse(models.stdout) as { models: { network: string }[] }).models.map((one) => one.network),
  ).toEqual(['mainnet', 'mainnet', 'testnet', 'testnet']);
  const wrong = await runHere(['jobs', '--network', 'devnet', '--data-dir', node.dataDir], directory);
  expect(wrong).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(`mainnet (${mainnet.url})`) as string,
  });
  const claim = ['claim', '--data-dir', node.dataDir, '--wallet', `0x${'1'.repeat(40)}`];
  const open = await runHere(claim, directory);
  expect(open).toMatchObject({ code: 2, stderr: expect.stringContaining('several networks') as string });
  const bound = await runHere([...claim, '--network', 'testnet'], directory);
  expect(bound.stderr).toContain('[ALREADY_BOUND]');

  // A request signed for one network is worth nothing in the other, with everything else as it should be.
  const { identity } = await openKey({ dataDir: node.dataDir }, async () => true);
  const { signer } = identity;
  const standing = async (network: OwnNetwork, signedFor: OwnNetwork) => {
    const http = httpOf(network);
    const { nonce } = await http.challenge(signal);
    const body = { nonce, node: nodeId };
    const frame = encodeSignedRequest(await idOf(signedFor), signer, 'standing.get', body, Date.now());
    return http.standing(nodeId, frame, signal);
  };
  await expect(standing(testnet, mainnet)).rejects.toMatchObject({
    problem: { code: 'signature_invalid' },
  });
  expect((await standing(testnet, testnet)).standing.state).toBe('active');

  // The same for a session: the hello answers this very greeting, and is signed for the other network.
  const hello = async (network: OwnNetwork, signedFor: OwnNetwork): Promise<ScriptedNode> => {
    const id = await idOf(signedFor);
    const info = await httpOf(network).info(signal);
    const origin = new URL(info.socket_url).origin.replace(/^http/, 'ws');
    const root = readTrustRoot(await httpOf(network).root(signal), network.genesis);
    const played = await ScriptedNode.dial({
      origin,
      network: root.network,
      signer,
      onlineKeys: root.root.roles.online.keys,
      configDigest: null,
      models: [],
    });
    await played.hello(
      {},
      { header: (header) => ({ ...header, sig: [signAsNode(id, signer)(signedFacts(header))] }) },
    );
    return played;
  };
  expect(await (await hello(testnet, mainnet)).closed).toBe(CLOSE.unauthenticated);
  // Signed for this one it is heard, as that of a second process with the key.
  expect(await (await hello(testnet, testnet)).closed).toBe(CLOSE.inUse);

  // One network dies in the middle of everything: the other never notices, and nothing is started anew.
  await untilServing(node, testnet);
  await mainnet.kill('SIGKILL');
  await until(
    'mainnet is lost',
    () => inNetwork(node, mainnet),
    ({ connected }) => !connected,
  );
  await ask(testnet);
  expect(isServing(await inNetwork(node, testnet))).toBe(true);
  expect(await enginesOf(node)).toEqual(engine);
  const [lost, kept] = await networks(node);
  expect([lost?.idleReason, kept?.idleReason]).toEqual(['not connected to the network', null]);
  expect(await node.kill('SIGTERM')).toBe(0);
}, 180_000);

const firstSeq = (lines: readonly { receiptSeq: number | null }[]): number =>
  Math.min(...lines.map(({ receiptSeq }) => receiptSeq ?? Number.POSITIVE_INFINITY));
