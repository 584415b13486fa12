import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addressOfPublicKey } from '../../../src/network/trust/addresses.js';
import { loadOrCreateNetworkKeys } from '../../../src/network/trust/load-network-keys.js';
import { NetworkKeysError } from '../../../src/network/trust/trust-errors.js';
import { digestOf } from '../../../src/protocol/digest.js';
import { ZERO_ADDRESS } from '../../../src/protocol/primitives.js';
import { signDocument, verifyDocument } from '../../../src/protocol/signed-document.js';

const devnet = { name: 'devnet', chainId: 31337, nowMs: 1_700_000_000_000 };
let base: string;
let dir: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'keys-'));
  dir = join(base, 'keys');
});
afterEach(() => rm(base, { recursive: true }));

const problemOf = async (work: Promise<unknown>): Promise<string> => {
  const caught = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(caught instanceof NetworkKeysError)) throw caught;
  return caught.problem;
};

test('makes private keys and a root that lists them, named by the digest of its bytes', async () => {
  const keys = await loadOrCreateNetworkKeys(dir, devnet);
  expect(keys.network).toEqual({ name: 'devnet', chainId: 31337, genesis: digestOf(keys.rootBytes) });
  expect(keys.root.roles.online).toEqual({ keys: [keys.online.address], threshold: 1 });
  expect(keys.root.roles.config).toEqual({ keys: keys.config.map(({ address }) => address), threshold: 1 });
  expect(keys.online.address).not.toBe(keys.config[0]?.address);
  expect((await readdir(dir)).sort()).toEqual(['config.key', 'online.key', 'root.json']);
  expect((await stat(dir)).mode & 0o777).toBe(0o700);
  expect((await stat(join(dir, 'online.key'))).mode & 0o777).toBe(0o600);
  expect((await stat(join(dir, 'config.key'))).mode & 0o777).toBe(0o600);
});

test('signs documents that the root verifies', async () => {
  const keys = await loadOrCreateNetworkKeys(dir, devnet);
  const facts = { kind: 'config', role: 'config', seq: 1, timeMs: 5, node: ZERO_ADDRESS } as const;
  const document = signDocument(keys.network, facts, Buffer.from('{}'), keys.config);
  const expected = { kind: 'config', role: 'config', maxBytes: 10 } as const;
  expect(verifyDocument(document, keys.network, keys.root, expected).header.n).toBe(1);
});

test('is the same network ever after, whatever the clock says', async () => {
  const first = await loadOrCreateNetworkKeys(dir, devnet);
  const again = await loadOrCreateNetworkKeys(dir, { ...devnet, nowMs: 9 });
  expect(again.network).toEqual(first.network);
  expect(again.online.address).toBe(first.online.address);
  expect(Buffer.from(again.rootBytes).equals(Buffer.from(first.rootBytes))).toBe(true);
});

test('is one network when two begin at once', async () => {
  const [one, other] = await Promise.all([
    loadOrCreateNetworkKeys(dir, devnet),
    loadOrCreateNetworkKeys(dir, { ...devnet, nowMs: 7 }),
  ]);
  expect(one.network).toEqual(other.network);
  expect(one.online.address).toBe(other.online.address);
});

test('goes on with the keys of a beginning that was cut off before the root', async () => {
  const first = await loadOrCreateNetworkKeys(dir, devnet);
  await rm(join(dir, 'root.json'));
  const again = await loadOrCreateNetworkKeys(dir, { ...devnet, nowMs: 8 });
  expect(again.online.address).toBe(first.online.address);
});

test('refuses the directory of another network', async () => {
  await loadOrCreateNetworkKeys(dir, devnet);
  expect(await problemOf(loadOrCreateNetworkKeys(dir, { ...devnet, name: 'testnet' }))).toBe(
    'another_network',
  );
  expect(await problemOf(loadOrCreateNetworkKeys(dir, { ...devnet, chainId: 1 }))).toBe('another_network');
});

test('refuses keys that others can read, are broken, missing, or of another network', async () => {
  await loadOrCreateNetworkKeys(dir, devnet);
  const path = join(dir, 'online.key');
  const good = await readFile(path);
  await chmod(path, 0o644);
  expect(await problemOf(loadOrCreateNetworkKeys(dir, devnet))).toBe('open_to_others');
  await chmod(path, 0o600);
  await writeFile(path, `0x${'0'.repeat(64)}\n`);
  expect(await problemOf(loadOrCreateNetworkKeys(dir, devnet))).toBe('malformed');
  await writeFile(path, 'short');
  expect(await problemOf(loadOrCreateNetworkKeys(dir, devnet))).toBe('malformed');
  await writeFile(path, `0x${'1'.repeat(64)}\n`);
  expect(await problemOf(loadOrCreateNetworkKeys(dir, devnet))).toBe('foreign_key');
  await rm(path);
  expect(await problemOf(loadOrCreateNetworkKeys(dir, devnet))).toBe('unreadable');
  await writeFile(path, good, { mode: 0o600 });
  expect((await loadOrCreateNetworkKeys(dir, devnet)).network.name).toBe('devnet');
});

test('refuses a broken root and a name that is none', async () => {
  expect(await problemOf(loadOrCreateNetworkKeys(dir, { ...devnet, name: 'Dev Net' }))).toBe('malformed');
  await loadOrCreateNetworkKeys(dir, devnet);
  await writeFile(join(dir, 'root.json'), '{}');
  expect(await problemOf(loadOrCreateNetworkKeys(dir, devnet))).toBe('malformed');
});

test('never repeats key material in an error', async () => {
  await loadOrCreateNetworkKeys(dir, devnet);
  await writeFile(join(dir, 'config.key'), `0x${'f'.repeat(64)}\n`);
  const error = await loadOrCreateNetworkKeys(dir, devnet).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(NetworkKeysError);
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('ffffffff');
});

test('derives an address from points of the curve only', () => {
  const generator =
    '0x0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8';
  expect(addressOfPublicKey(generator)).toBe('0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf');
  expect(addressOfPublicKey(`0x04${'1'.repeat(128)}`)).toBeUndefined();
});
