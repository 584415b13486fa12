import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type BindingDesk, createBindingDesk } from '../../../src/network/binding/binding-desk.js';
import {
  BindingExpiredError,
  BindingSpentError,
  ProofRefusedError,
  TooManyBindingsError,
  UnknownBindingError,
} from '../../../src/network/binding/binding-errors.js';
import { isCode, newCode } from '../../../src/network/binding/email-code.js';
import type { Mailer } from '../../../src/network/mail/mailer.js';
import { createOutboxMailer } from '../../../src/network/mail/outbox-mailer.js';
import {
  createNodeRegistry,
  type StoredNodeRegistry,
} from '../../../src/network/registry/create-node-registry.js';
import type { NodeRecord } from '../../../src/network/registry/node-registry.js';
import { AlreadyBoundError, UnknownNodeError } from '../../../src/network/registry/registry-errors.js';
import { type NetworkStore, openStore } from '../../../src/network/store/store.js';
import type { OwnerRef } from '../../../src/protocol/http.js';
import { createSigner } from '../../../src/protocol/signer.js';

const NOW = 1_700_000_000_000;
const nonce = `0x${'0'.repeat(64)}`;
const network = { name: 'devnet', chainId: 31337, genesis: `sha256:${'a'.repeat(64)}` };
const node = createSigner(`0x${'1'.repeat(64)}`).address;
const otherNode = createSigner(`0x${'2'.repeat(64)}`).address;
const wallet = createSigner(`0x${'3'.repeat(64)}`);
const stranger = createSigner(`0x${'4'.repeat(64)}`);
const byWallet: OwnerRef = { kind: 'wallet', address: wallet.address };
const byMail: OwnerRef = { kind: 'email', email: 'ada@example.org' };

let path: string;
let store: NetworkStore;
let registry: StoredNodeRegistry;
let desk: BindingDesk;
let nowMs: number;
let logged: string[];

const deskWith = (mailer: Mailer): BindingDesk =>
  createBindingDesk({
    store,
    registry,
    mailer,
    keys: { network },
    portalUrl: 'https://account.example.org/nodes',
    randomBytes,
    clock: { nowMs: () => nowMs },
    logger: pino({}, { write: (line: string) => void logged.push(line) }),
  });

const register = (id: string) =>
  registry.register(
    {
      nonce,
      node: id,
      public_key: '',
      agent_version: '1.0.0',
      protocol: 1,
      hardware: {
        gpus: [],
        cpu: { model: 'x', cores: 1 },
        ram_bytes: { total: 1, free: 1 },
        disk_bytes: { total: 1, free: 1 },
        os: 'linux',
      },
      engines: [],
    },
    NOW,
  );

beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'binding-'));
  nowMs = NOW;
  logged = [];
  store = openStore(join(path, 'store'));
  registry = createNodeRegistry(store);
  desk = deskWith(
    createOutboxMailer({ directory: join(path, 'outbox'), from: 'Network <network@example.org>' }),
  );
  await register(node);
  await register(otherNode);
});
afterEach(async () => {
  await desk.idle();
  await store.close();
  await rm(path, { recursive: true });
});

const start = (owner: OwnerRef, id = node) => desk.start({ nonce, node: id, owner });
const sign = (binding: string, message = '', signer = wallet, id = node) =>
  desk.finish({ nonce, node: id, binding, proof: { kind: 'wallet', signature: signer.signText(message) } });
const repeat = (binding: string, code: string, id = node) =>
  desk.finish({ nonce, node: id, binding, proof: { kind: 'email', code } });
const codesMailed = async (): Promise<string[]> => {
  await desk.idle();
  const files = (await readdir(join(path, 'outbox'))).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(path, 'outbox', file), 'utf8')));
  return texts.map((text) => /^Code: ([0-9]{8})\r?$/m.exec(text)?.[1] ?? 'none');
};
const codeMailed = async (): Promise<string> => (await codesMailed()).at(-1) ?? 'none';
const other = (code: string): string => String((Number(code) + 1) % 100_000_000).padStart(8, '0');

test('offers a wallet the text of ERC-4361 and binds by its signature', async () => {
  const heard: NodeRecord[] = [];
  registry.onChange((record) => heard.push(record));
  const {
    binding,
    expires_ms,
    message = '',
  } = await start({ kind: 'wallet', address: wallet.address.toLowerCase() });
  expect(expires_ms).toBe(NOW + 600_000);
  expect(message).toMatch(/^account\.example\.org wants you to sign in with your Ethereum account:\n/);
  expect(message).toContain(`\n${wallet.address}\n`);
  expect(message).toContain('\nURI: https://account.example.org/nodes\n');
  expect(message).toMatch(/\nNonce: [0-9a-f]{32}\n/);
  expect((await sign(binding, message)).owner).toEqual(byWallet);
  expect(heard.map(({ owner }) => owner)).toEqual([byWallet]);
});

test('answers a repeated finish as the first, without a second binding', async () => {
  const { binding, message } = await start(byWallet);
  const first = await sign(binding, message);
  const heard: NodeRecord[] = [];
  registry.onChange((record) => heard.push(record));
  expect(await sign(binding, message)).toEqual(first);
  expect(heard).toEqual([]);
});

test('refuses a signature of another wallet, over another text, or of another kind', async () => {
  const { binding, message } = await start(byWallet);
  await expect(sign(binding, message, stranger)).rejects.toThrow(ProofRefusedError);
  await expect(sign(binding, `${message} `)).rejects.toThrow(ProofRefusedError);
  await expect(repeat(binding, '00000000')).rejects.toThrow(ProofRefusedError);
  expect(registry.find(node)?.owner).toBeNull();
});

test('mails a code and binds by it', async () => {
  const offer = await start({ kind: 'email', email: 'Ada@Example.org' });
  expect(offer).toEqual({ binding: offer.binding, expires_ms: NOW + 600_000 });
  expect((await repeat(offer.binding, await codeMailed())).owner).toEqual(byMail);
});

test('lets five codes be tried and no more, over a restart too', async () => {
  const { binding } = await start(byMail);
  const code = await codeMailed();
  for (let n = 0; n < 4; n++) await expect(repeat(binding, other(code))).rejects.toThrow(ProofRefusedError);
  await store.close();
  store = openStore(join(path, 'store'));
  registry = createNodeRegistry(store);
  desk = deskWith(createOutboxMailer({ directory: join(path, 'outbox'), from: 'n@example.org' }));
  await expect(repeat(binding, other(code))).rejects.toMatchObject({
    advice: expect.stringContaining('No tries'),
  });
  await expect(repeat(binding, code)).rejects.toThrow(BindingSpentError);
  expect(registry.find(node)?.owner).toBeNull();
});

test('counts tries that come at once', async () => {
  const { binding } = await start(byMail);
  const code = await codeMailed();
  const wrong = Array.from({ length: 12 }, () => repeat(binding, other(code)));
  const results = await Promise.allSettled(wrong);
  const names = results.map((one) => (one.status === 'rejected' ? one.reason.name : 'bound'));
  expect(names.filter((name) => name === 'ProofRefusedError')).toHaveLength(5);
  expect(names.filter((name) => name === 'BindingSpentError')).toHaveLength(7);
});

test('ends an offer after ten minutes', async () => {
  const { binding, message } = await start(byWallet);
  nowMs += 600_000;
  await expect(sign(binding, message)).rejects.toThrow(BindingExpiredError);
});

test('knows a binding only for its own node', async () => {
  const { binding, message } = await start(byWallet);
  await expect(sign(binding, message, wallet, otherNode)).rejects.toThrow(UnknownBindingError);
  await expect(sign('01ARZ3NDEKTSV4RRFFQ69G5FAV', message)).rejects.toThrow(UnknownBindingError);
});

test('does not move a bound node to another owner, not even by a binding opened before', async () => {
  const { binding: early } = await start(byMail);
  const code = await codeMailed();
  const { binding, message } = await start(byWallet);
  await sign(binding, message);
  await expect(start(byMail)).rejects.toThrow(AlreadyBoundError);
  await expect(repeat(early, code)).rejects.toThrow(AlreadyBoundError);
  expect(registry.find(node)?.owner).toEqual(byWallet);
});

test('opens nothing for a node that is not registered', async () => {
  await expect(start(byWallet, stranger.address)).rejects.toThrow(UnknownNodeError);
});

test('limits codes per address over all nodes, and offers per node, within an hour', async () => {
  for (let n = 0; n < 5; n++) await start(byMail, n % 2 === 0 ? node : otherNode);
  nowMs += 1_000;
  const refused = start({ kind: 'email', email: 'ADA@example.org' }, otherNode);
  await expect(refused).rejects.toThrow(TooManyBindingsError);
  await expect(refused).rejects.toMatchObject({ retryAfterMs: 3_599_000 });
  for (let n = 0; n < 7; n++) await start(byWallet);
  await expect(start(byWallet)).rejects.toThrow(/10 times within an hour/);
  nowMs += 3_600_000;
  await start(byMail);
  expect(await codesMailed()).toHaveLength(6);
});

test('answers the same for an address that cannot be mailed, and logs neither address nor code', async () => {
  const failing: Mailer = {
    send: async () => {
      throw new Error('550 no such user');
    },
    close: async () => {},
  };
  desk = deskWith(failing);
  const offer = await start(byMail);
  await desk.idle();
  expect(Object.keys(offer).sort()).toEqual(['binding', 'expires_ms']);
  expect(logged.join()).toContain('"event":"binding.mail_failed"');
  expect(logged.join()).not.toContain('ada@');
});

test('draws codes evenly, without favouring small ones', async () => {
  const draws = [Buffer.from('fa56ea00', 'hex'), Buffer.from('fa56e9ff', 'hex'), randomBytes(16)];
  const { code, stored } = newCode(() => draws.shift() ?? Buffer.alloc(0));
  expect(code).toBe('99999999'); // 0xfa56ea00 = 42 * 10^8 is drawn again
  expect([isCode(stored, code), isCode(stored, '99999998')]).toEqual([true, false]);
});
