// A network's HTTP side on a loopback port with real rooms behind it, and a node that signs with a real key.
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fastify from 'fastify';
import { pino } from 'pino';
import { type BindingDesk, createBindingDesk } from '../../../src/network/binding/binding-desk.js';
import { nodeRoutes, type RequestLimits } from '../../../src/network/http-nodes/node-routes.js';
import { createOutboxMailer } from '../../../src/network/mail/outbox-mailer.js';
import type { ConfigPublisher } from '../../../src/network/publishing/config-publisher.js';
import { createConfigPublisher } from '../../../src/network/publishing/create-config-publisher.js';
import {
  createNodeRegistry,
  type StoredNodeRegistry,
} from '../../../src/network/registry/create-node-registry.js';
import { createReportDesk } from '../../../src/network/reports/report-desk.js';
import { openStore } from '../../../src/network/store/store.js';
import { loadOrCreateNetworkKeys } from '../../../src/network/trust/load-network-keys.js';
import type { NetworkKeys } from '../../../src/network/trust/network-keys.js';
import { challenge, FRAME_CONTENT_TYPE, type Problem, problem } from '../../../src/protocol/http.js';
import type { NetworkId } from '../../../src/protocol/network-id.js';
import { encodeSignedRequest } from '../../../src/protocol/signed-request.js';
import { createSigner } from '../../../src/protocol/signer.js';

export const NOW = 1_700_000_000_000;
export const PORTAL = 'https://account.example.org';

/** Keys 1 and 2 of secp256k1: their public keys are points anyone can look up. */
const KEYS = {
  one: {
    secret: `0x${'0'.repeat(63)}1`,
    public:
      '0x0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8',
  },
  two: {
    secret: `0x${'0'.repeat(63)}2`,
    public:
      '0x04c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee51ae168fea63dc339a3c58419466ceaeef7f632653266d0e1236431a950cfe52a',
  },
};

export interface TestNode {
  readonly id: string;
  readonly publicKey: string;
  sign(
    kind: string,
    body: object,
    options?: { readonly network?: NetworkId; readonly atMs?: number },
  ): Buffer;
  /** A registration as the node would send it. */
  registration(nonce: string): object;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  json(): unknown;
  problem(): Problem;
}

export interface HttpRig {
  readonly keys: NetworkKeys;
  readonly registry: StoredNodeRegistry;
  readonly publisher: ConfigPublisher;
  readonly binding: BindingDesk;
  readonly url: string;
  /** Where uploaded log segments lie, a folder per node. */
  readonly reportsDirectory: string;
  readonly logged: string[];
  readonly one: TestNode;
  readonly two: TestNode;
  nowMs: number;
  call(
    method: string,
    path: string,
    body?: Uint8Array | undefined,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  nonce(): Promise<string>;
  register(node: TestNode): Promise<Answer>;
  /** The code in the newest mail. */
  mailedCode(): Promise<string>;
  close(): Promise<void>;
}

export const startHttpRig = async (perMinute: Partial<RequestLimits> = {}): Promise<HttpRig> => {
  const path = await mkdtemp(join(tmpdir(), 'http-nodes-'));
  const clock = { nowMs: () => rig.nowMs };
  const logged: string[] = [];
  const logger = pino({}, { write: (line: string) => void logged.push(line) });
  const keys = await loadOrCreateNetworkKeys(join(path, 'keys'), {
    name: 'devnet',
    chainId: 31337,
    nowMs: NOW,
  });
  const store = openStore(join(path, 'store'));
  const registry = createNodeRegistry(store);
  const publisher = createConfigPublisher(store, keys, clock);
  const mailer = createOutboxMailer({ directory: join(path, 'outbox'), from: 'network@example.org' });
  const binding = createBindingDesk({
    store,
    keys,
    registry,
    mailer,
    clock,
    portalUrl: PORTAL,
    randomBytes,
    logger,
  });
  const reportsDirectory = join(path, 'reports');
  const reports = createReportDesk({ store, directory: reportsDirectory, keys, clock });
  const app = fastify({ routerOptions: { maxParamLength: 256 } });
  const urls = { socketUrl: 'ws://127.0.0.1:1/v1/nodes/ws', portalUrl: PORTAL };
  await app.register(
    nodeRoutes({ keys, registry, publisher, binding, reports, clock, logger, perMinute, ...urls }),
  );
  const url = await app.listen({ host: '127.0.0.1', port: 0 });

  const nodeOf = ({ secret, public: publicKey }: (typeof KEYS)['one']): TestNode => {
    const signer = createSigner(secret);
    return {
      id: signer.address,
      publicKey,
      sign: (kind, body, { network = keys.network, atMs = rig.nowMs } = {}) =>
        encodeSignedRequest(network, signer, kind, body, atMs),
      registration: (nonce) => ({
        nonce,
        node: signer.address,
        public_key: publicKey,
        agent_version: '1.0.0',
        protocol: 1,
        hardware: {
          gpus: [],
          cpu: { model: 'x', cores: 1 },
          ram_bytes: { total: 1, free: 1 },
          disk_bytes: { total: 1, free: 1 },
          os: 'linux',
        },
        engines: ['llama-cpp'],
      }),
    };
  };

  const rig: HttpRig = {
    keys,
    registry,
    publisher,
    binding,
    url,
    reportsDirectory,
    logged,
    one: nodeOf(KEYS.one),
    two: nodeOf(KEYS.two),
    nowMs: NOW,
    call: async (
      method,
      at,
      body,
      headers = body === undefined ? {} : { 'content-type': FRAME_CONTENT_TYPE },
    ) => {
      const sent = body === undefined ? {} : { body: new Uint8Array(body) };
      const response = await fetch(`${url}${at}`, { method, headers, ...sent });
      const bytes = Buffer.from(await response.arrayBuffer());
      const json = () => JSON.parse(bytes.toString());
      return {
        status: response.status,
        headers: response.headers,
        bytes,
        json,
        problem: () => problem.parse(json()),
      };
    },
    nonce: async () => challenge.parse((await rig.call('POST', '/v1/nodes/challenge')).json()).nonce,
    register: async (node) => {
      const frame = node.sign('register', node.registration(await rig.nonce()));
      return rig.call('PUT', `/v1/nodes/${node.id}`, frame);
    },
    mailedCode: async () => {
      await binding.idle();
      const newest = (await readdir(join(path, 'outbox'))).sort().at(-1) ?? '';
      return /^Code: ([0-9]{8})/m.exec(await readFile(join(path, 'outbox', newest), 'utf8'))?.[1] ?? 'none';
    },
    close: async () => {
      await app.close();
      await binding.idle();
      await store.close();
      await rm(path, { recursive: true });
    },
  };
  return rig;
};
