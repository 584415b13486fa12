import { expect, test } from 'vitest';
import { createMemoryIdentityStore } from '../../../src/adapters/identity/memory-identity.js';
import { openOrCreateIdentity } from '../../../src/adapters/identity/open-or-create-identity.js';

const KEY = `0x${'1'.repeat(64)}`;
const ADDRESS = '0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A'; // of that key, by ethers' and geth's account tools

test('makes a key at the first launch, and opens it at the next', async () => {
  const store = createMemoryIdentityStore(KEY);
  const asked: string[] = [];
  const options = {
    store,
    hasOtherState: async () => false,
    passphrase: async (purpose: string) => {
      asked.push(purpose);
      return 'p';
    },
  };
  const first = await openOrCreateIdentity(options);
  const second = await openOrCreateIdentity({ ...options, hasOtherState: async () => true });
  expect([first.created, second.created]).toEqual([true, false]);
  expect([first.identity.nodeId, second.identity.nodeId]).toEqual([ADDRESS, ADDRESS]);
  expect(asked).toEqual(['create', 'open']);
});

test('makes no key, and asks for no passphrase, where a node has been', async () => {
  const store = createMemoryIdentityStore(KEY);
  await expect(
    openOrCreateIdentity({
      store,
      hasOtherState: async () => true,
      passphrase: () => Promise.reject(new Error('asked')),
    }),
  ).rejects.toMatchObject({ code: 'IDENTITY_MISSING', advice: expect.stringContaining('not mounted') });
  expect(store.exists()).toBe(false);
});

test('leaves a key alone that does not open', async () => {
  const store = createMemoryIdentityStore(KEY, 'p');
  await expect(
    openOrCreateIdentity({ store, hasOtherState: async () => false, passphrase: async () => 'q' }),
  ).rejects.toMatchObject({ code: 'PASSPHRASE_WRONG' });
  await expect(store.create('q')).rejects.toMatchObject({ code: 'IDENTITY_EXISTS' });
  expect((await store.open('p')).nodeId).toBe(ADDRESS);
});
