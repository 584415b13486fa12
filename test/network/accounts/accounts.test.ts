import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  AccountNameError,
  UnknownAccountError,
  UnknownKeyError,
  UnknownNamespaceError,
} from '../../../src/network/accounts/account-errors.js';
import { type Accounts, createAccounts } from '../../../src/network/accounts/accounts.js';
import { type NetworkStore, openStore } from '../../../src/network/store/store.js';

const NOW = 1_700_000_000_000;
let path: string;
let store: NetworkStore;
let nowMs: number;
let accounts: Accounts;

beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'accounts-'));
  store = openStore(path);
  nowMs = NOW;
  accounts = createAccounts(store, { nowMs: () => nowMs });
});
afterEach(async () => {
  await store.close();
  await rm(path, { recursive: true });
});

test('makes an account with a namespace of its own', async () => {
  const made = await accounts.createAccount('acme');
  expect(made).toEqual({
    account: made.account,
    name: 'acme',
    created_ms: NOW,
    namespaces: ['acme/default'],
  });
  expect(accounts.hasNamespace('acme/default')).toBe(true);
  expect(accounts.hasNamespace('acme')).toBe(false);
  expect(await accounts.createNamespace(made.account, 'staging')).toBe('acme/staging');
  expect(accounts.accounts()).toEqual([{ ...made, namespaces: ['acme/default', 'acme/staging'] }]);
});

test('refuses names that are taken or no names, and accounts that are none', async () => {
  const { account } = await accounts.createAccount('acme');
  await expect(accounts.createAccount('acme')).rejects.toThrow(AccountNameError);
  await expect(accounts.createAccount('Acme Inc')).rejects.toThrow(AccountNameError);
  await expect(accounts.createNamespace(account, 'default')).rejects.toThrow(AccountNameError);
  await expect(accounts.createNamespace('nobody', 'x')).rejects.toThrow(UnknownAccountError);
  expect(accounts.accounts()).toHaveLength(1);
});

test('gives a key once, in the public form followed by a secret, and finds its namespace by it', async () => {
  await accounts.createAccount('acme');
  const key = await accounts.createKey('acme/default');
  expect(key.secret).toMatch(/^rk-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{32}$/);
  expect(key.secret.startsWith(`${key.keyId}-`)).toBe(true);
  expect(accounts.authenticate(key.secret)).toEqual({ namespace: 'acme/default', keyId: key.keyId });
  const { secret, ...shown } = key;
  expect(accounts.listKeys()).toEqual([shown]);
  expect(accounts.listKeys('acme/default')).toEqual([shown]);
  expect(accounts.listKeys('acme/other')).toEqual([]);
  expect(shown.last4).toBe(secret.slice(-4));
});

test('refuses a key whose secret, name or form is wrong', async () => {
  await accounts.createAccount('acme');
  const { secret, keyId } = await accounts.createKey('acme/default');
  const last = secret.endsWith('0') ? '1' : '0';
  const wrong = [
    `${secret.slice(0, -1)}${last}`,
    keyId,
    `${secret}0`,
    secret.toUpperCase(),
    secret.replace(keyId, 'rk-00000000-00000000'),
    `Bearer ${secret}`,
    '',
    'x'.repeat(5000),
  ];
  expect(wrong.map((one) => accounts.authenticate(one))).toEqual(wrong.map(() => undefined));
});

test('revokes a key for good, once', async () => {
  await accounts.createAccount('acme');
  const { secret, keyId } = await accounts.createKey('acme/default');
  nowMs += 5;
  expect(await accounts.revokeKey(keyId)).toMatchObject({ keyId, revoked_ms: NOW + 5 });
  nowMs += 5;
  expect(await accounts.revokeKey(keyId)).toMatchObject({ keyId, revoked_ms: NOW + 5 });
  expect(accounts.authenticate(secret)).toBeUndefined();
  await expect(accounts.revokeKey('rk-00000000-00000000')).rejects.toThrow(UnknownKeyError);
  await expect(accounts.revokeKey('')).rejects.toThrow(UnknownKeyError);
});

test('gives no key for a namespace that does not exist', async () => {
  await expect(accounts.createKey('acme/default')).rejects.toThrow(UnknownNamespaceError);
  await expect(accounts.createKey('')).rejects.toThrow(UnknownNamespaceError);
});

test('remembers keys over a restart and never holds a secret on disk', async () => {
  await accounts.createAccount('acme');
  const { secret, keyId } = await accounts.createKey('acme/default');
  await store.close();
  const files = await readdir(path);
  const bytes = Buffer.concat(await Promise.all(files.map((file) => readFile(join(path, file)))));
  expect(bytes.includes(keyId)).toBe(true);
  expect(bytes.includes(secret.slice(keyId.length + 1))).toBe(false);
  store = openStore(path);
  expect(createAccounts(store, { nowMs: () => nowMs }).authenticate(secret)?.keyId).toBe(keyId);
});
