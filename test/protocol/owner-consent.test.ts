import { hashMessage, recoverMessageAddress } from 'viem';
import { createSiweMessage, parseSiweMessage, validateSiweMessage } from 'viem/siwe';
import { expect, test } from 'vitest';
import { NODE, OTHER_NODE, OWNER, TIME_MS } from '../../scripts/vectors/samples.js';
import { type OwnerConsent, ownerConsentText, verifyOwnerConsent } from '../../src/protocol/owner-consent.js';
import { refusalOf } from './refusal.js';

type Hex = `0x${string}`;

const CONSENT: OwnerConsent = {
  domain: 'account.resultity.com',
  uri: 'https://account.resultity.com/nodes',
  owner: OWNER.address,
  node: NODE.address,
  network: 'devnet',
  chainId: 31_337,
  nonce: '0123456789abcdef0123456789abcdef',
  issuedMs: TIME_MS,
  expiresMs: TIME_MS + 600_000,
};
const text = ownerConsentText(CONSENT);
const statement = `Claim the Resultity node ${NODE.address} on devnet for this account.`;

test('is ERC-4361, byte for byte', () => {
  expect(text).toBe(
    [
      'account.resultity.com wants you to sign in with your Ethereum account:',
      OWNER.address,
      '',
      statement,
      '',
      'URI: https://account.resultity.com/nodes',
      'Version: 1',
      'Chain ID: 31337',
      'Nonce: 0123456789abcdef0123456789abcdef',
      'Issued At: 2026-01-01T00:00:00.000Z',
      'Expiration Time: 2026-01-01T00:10:00.000Z',
      'Resources:',
      `- urn:resultity:node:${NODE.address}`,
    ].join('\n'),
  );
});

test('another implementation of ERC-4361 writes and reads the same', () => {
  const fields = {
    domain: CONSENT.domain,
    address: OWNER.address as Hex,
    statement,
    uri: CONSENT.uri,
    version: '1',
    chainId: CONSENT.chainId,
    nonce: CONSENT.nonce,
    issuedAt: new Date(TIME_MS),
    expirationTime: new Date(CONSENT.expiresMs),
    resources: [`urn:resultity:node:${NODE.address}`],
  } as const;
  expect(createSiweMessage({ ...fields, resources: [...fields.resources] })).toBe(text);
  const message = parseSiweMessage(text);
  expect(message).toEqual(fields);
  const valid = (time: number, domain = CONSENT.domain) =>
    validateSiweMessage({
      message,
      domain,
      nonce: CONSENT.nonce,
      address: OWNER.address as Hex,
      time: new Date(time),
    });
  expect(valid(TIME_MS)).toBe(true);
  expect(valid(CONSENT.expiresMs)).toBe(false);
  expect(valid(TIME_MS, 'evil.example')).toBe(false);
});

test('shows addresses checksummed, however they came', () => {
  const lower = { ...CONSENT, owner: OWNER.address.toLowerCase(), node: NODE.address.toLowerCase() };
  expect(ownerConsentText(lower)).toBe(text);
});

test('an EIP-191 signature of the owner proves the exact text, and nothing near it', async () => {
  const signature = OWNER.signText(text);
  expect(hashMessage(text)).toMatch(/^0x[0-9a-f]{64}$/);
  expect(await recoverMessageAddress({ message: text, signature: signature as Hex })).toBe(OWNER.address);
  const verdict = (of: string, owner = OWNER.address) =>
    refusalOf(() => verifyOwnerConsent(of, signature, owner));
  expect(verdict(text)).toBe('accepted');
  expect(verdict(text, OWNER.address.toLowerCase())).toBe('accepted');
  expect(verdict(text, NODE.address)).toBe('signature_invalid');
  for (const near of [`${text}\n`, text.replaceAll('\n', '\r\n'), text.toLowerCase()]) {
    expect(verdict(near)).toBe('signature_invalid');
  }
  const changes: Partial<OwnerConsent>[] = [
    { domain: 'evil.example' },
    { uri: 'https://evil.example' },
    { node: OTHER_NODE.address },
    { network: 'mainnet' },
    { chainId: 1 },
    { nonce: 'ffffffffffffffffffffffffffffffff' },
    { issuedMs: TIME_MS + 1 },
    { expiresMs: CONSENT.expiresMs + 1 },
  ];
  for (const change of changes) {
    expect(verdict(ownerConsentText({ ...CONSENT, ...change }))).toBe('signature_invalid');
  }
});
