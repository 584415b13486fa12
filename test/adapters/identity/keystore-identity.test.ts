import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { decryptKeystoreJson } from 'ethers/wallet';
import { expect, onTestFinished, test, vi } from 'vitest';
import { parseKeystore } from '../../../src/adapters/identity/keystore-format.js';
import { createIdentityStore } from '../../../src/adapters/identity/keystore-identity.js';
import { identityOf } from '../../../src/adapters/identity/private-identity.js';
import { recoverSigner } from '../../../src/protocol/signature.js';
import { envelopeHash } from '../../../src/protocol/typed-data.js';
import { scratch } from '../state/scratch.js';

const PASSPHRASE = 'correct horse battery staple';
const cheap = { N: 2 ** 10, r: 8, p: 1 };

const made = async () => {
  const dir = join(await scratch(), 'data');
  const store = createIdentityStore({ dir, scrypt: cheap });
  return { dir, path: join(dir, 'identity.json'), store, identity: await store.create(PASSPHRASE) };
};

/** Writes the key file back with one of its words changed. */
const altered = async (path: string, from: string | RegExp, to: string): Promise<void> => {
  const text = await readFile(path, 'utf8');
  expect(text).toMatch(from);
  await writeFile(path, text.replace(from, to));
};

test('makes a key file for its owner alone and opens the same identity again', async () => {
  const { dir, path, store, identity } = await made();
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await stat(dir)).mode & 0o777).toBe(0o700);
  expect(await readdir(dir)).toEqual(['identity.json']);
  expect(store.exists()).toBe(true);
  const again = await store.open(PASSPHRASE);
  expect(again.nodeId).toBe(identity.nodeId);
  expect(again.publicKey).toMatch(/^0x04[0-9a-f]{128}$/);
  const file: unknown = JSON.parse(await readFile(path, 'utf8'));
  expect(file).toMatchObject({ version: 3, Crypto: { kdf: 'scrypt', kdfparams: { n: 1024, r: 8, p: 1 } } });
});

test('signs what the protocol recovers to its address', async () => {
  const { identity } = await made();
  const network = { name: 'devnet', chainId: 31_337, genesis: `sha256:${'0'.repeat(64)}` };
  const zero = `0x${'0'.repeat(64)}`;
  const envelope = { kind: 'hello', session: zero, seq: 1, timeMs: 2, body: zero };
  const signature = identity.signer.signEnvelope(network, envelope);
  const hash = envelopeHash(network, { ...envelope, node: identity.nodeId });
  expect(recoverSigner(hash, signature)).toBe(identity.nodeId);
});

test('gives the key to nobody', async () => {
  const { path } = await made();
  const { privateKey } = await decryptKeystoreJson(await readFile(path, 'utf8'), PASSPHRASE);
  const identity = identityOf(privateKey);
  const secret = privateKey.slice(2);
  expect(JSON.stringify(identity)).not.toContain(secret);
  expect(inspect(identity, { showHidden: true, depth: Number.POSITIVE_INFINITY })).not.toContain(secret);
  expect(inspect(identity, { showHidden: true, depth: Number.POSITIVE_INFINITY })).not.toContain(
    BigInt(privateKey).toString(),
  );
  expect(Object.keys(identity.signer).sort()).toEqual(['address', 'signEnvelope', 'signReceipt']);
  expect(Object.isFrozen(identity) && Object.isFrozen(identity.signer)).toBe(true);
});

test('costs what geth and ethers call standard unless told otherwise', async () => {
  const dir = await scratch();
  await createIdentityStore({ dir }).create(PASSPHRASE);
  const keystore = parseKeystore(await readFile(join(dir, 'identity.json'), 'utf8'));
  expect(keystore).toMatchObject({ crypto: { kdfparams: { n: 131_072, r: 8, p: 1, dklen: 32 } } });
});

test('never overwrites a key', async () => {
  const { path, store } = await made();
  const before = await readFile(path);
  await expect(store.create(PASSPHRASE)).rejects.toMatchObject({
    code: 'IDENTITY_EXISTS',
    advice: expect.any(String),
  });
  expect(await readFile(path)).toEqual(before);
});

test('makes one key when two create at once', async () => {
  const dir = await scratch();
  const store = createIdentityStore({ dir, scrypt: cheap });
  const outcomes = await Promise.allSettled([store.create(PASSPHRASE), store.create(PASSPHRASE)]);
  const kept = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value.nodeId] : []));
  expect(kept).toHaveLength(1);
  expect((await store.open(PASSPHRASE)).nodeId).toBe(kept[0]);
});

test('tells a wrong passphrase from a missing, an empty and an altered file', async () => {
  const { path, store } = await made();
  await expect(store.open('wrong')).rejects.toMatchObject({ code: 'PASSPHRASE_WRONG', retryable: false });
  await altered(path, /"address":"[0-9a-f]{40}"/, `"address":"${'1'.repeat(40)}"`);
  await expect(store.open(PASSPHRASE)).rejects.toMatchObject({
    code: 'IDENTITY_MALFORMED',
    message: expect.stringContaining('another address'),
  });
  await writeFile(path, '');
  await expect(store.open(PASSPHRASE)).rejects.toMatchObject({
    code: 'IDENTITY_MALFORMED',
    advice: expect.stringContaining('cut short'),
  });
  const elsewhere = createIdentityStore({ dir: await scratch(), scrypt: cheap });
  expect(elsewhere.exists()).toBe(false);
  await expect(elsewhere.open(PASSPHRASE)).rejects.toMatchObject({ code: 'IDENTITY_MISSING' });
  await expect(elsewhere.create('')).rejects.toMatchObject({ code: 'PASSPHRASE_UNUSABLE' });
});

test.each([
  ['a cost of 4 GiB', '"n":1024', '"n":4194304', 'kdfparams.n'],
  ['a cost that is no power of two', '"n":1024', '"n":1000', 'power of two'],
  ['too large blocks', '"r":8', '"r":9', 'kdfparams.r'],
  ['too much parallel work', '"p":1', '"p":5', 'kdfparams.p'],
  ['another derivation', '"scrypt"', '"pbkdf2"', 'only scrypt'],
  ['another cipher', 'aes-128-ctr', 'aes-256-gcm', 'only aes-128-ctr'],
  ['another version', '"version":3', '"version":1', 'only version 3'],
  ['no address', '"address"', '"adress"', 'address'],
  ['what is not JSON', '{', '', 'not JSON'],
])('refuses %s before deriving anything', async (_what, from, to, why) => {
  const { path, store } = await made();
  await altered(path, from, to);
  await expect(store.open(PASSPHRASE)).rejects.toMatchObject({
    code: 'IDENTITY_MALFORMED',
    message: expect.stringContaining(why),
    advice: expect.stringContaining('makes no new key'),
  });
});

test('refuses a file larger than a keystore can be', async () => {
  const { path, store } = await made();
  await writeFile(path, ' '.repeat(16 * 1024 + 1));
  await expect(store.open(PASSPHRASE)).rejects.toThrow('larger than 16384 bytes');
});

test('refuses a key others may read, with the command that helps', async () => {
  const { path, store } = await made();
  for (const mode of [0o640, 0o604, 0o620]) {
    await chmod(path, mode);
    await expect(store.open(PASSPHRASE)).rejects.toMatchObject({
      code: 'IDENTITY_PERMISSIONS',
      advice: expect.stringContaining(`chmod 600 ${path}`),
    });
  }
  await chmod(path, 0o400);
  expect((await store.open(PASSPHRASE)).nodeId).toMatch(/^0x/);
});

test('refuses a link, and a directory in its place', async () => {
  const { path } = await made();
  const dir = await scratch();
  await symlink(path, join(dir, 'identity.json'));
  const store = createIdentityStore({ dir, scrypt: cheap });
  await expect(store.open(PASSPHRASE)).rejects.toMatchObject({
    code: 'IDENTITY_PERMISSIONS',
    message: expect.stringContaining('symbolic link'),
  });
  await expect(store.create(PASSPHRASE)).rejects.toMatchObject({ code: 'IDENTITY_EXISTS' });
  const other = await scratch();
  await mkdir(join(other, 'identity.json'));
  await expect(createIdentityStore({ dir: other }).open(PASSPHRASE)).rejects.toMatchObject({
    code: 'IDENTITY_PERMISSIONS',
  });
});

test('counts a link to nowhere as a key that is there', async () => {
  const dir = await scratch();
  await symlink(join(dir, 'unmounted'), join(dir, 'identity.json'));
  expect(createIdentityStore({ dir }).exists()).toBe(true);
});

test('does not take a directory it cannot look into for one without a key', async () => {
  const file = join(await scratch(), 'file');
  await writeFile(file, '');
  expect(() => createIdentityStore({ dir: file }).exists()).toThrow(
    expect.objectContaining({ code: 'IDENTITY_UNREADABLE' }),
  );
});

test('refuses a key that belongs to another user', async () => {
  const { path, store } = await made();
  const mine = process.getuid?.() ?? 0;
  vi.spyOn(process, 'getuid').mockReturnValue(mine + 1);
  onTestFinished(() => void vi.restoreAllMocks());
  await expect(store.open(PASSPHRASE)).rejects.toMatchObject({
    code: 'IDENTITY_PERMISSIONS',
    message: expect.stringContaining(`belongs to user ${mine}, and the node runs as user ${mine + 1}`),
    advice: expect.stringContaining(`chown ${mine + 1} ${path}`),
  });
});
