import fc from 'fast-check';
import { recoverAddress } from 'viem';
import { expect, test } from 'vitest';
import { keyOf, NETWORK, NODE, RECEIPT } from '../../scripts/vectors/samples.js';
import { bytes32Of } from '../../src/protocol/digest.js';
import { receiptHash } from '../../src/protocol/receipt.js';
import { isCanonicalSignature, recoverSigner, sameAddress } from '../../src/protocol/signature.js';
import { createSigner } from '../../src/protocol/signer.js';
import { refusalOf } from './refusal.js';

/** Order of secp256k1, SEC 2 section 2.4.1. */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

const digest = receiptHash(NETWORK, RECEIPT);
const good = NODE.signReceipt(NETWORK, RECEIPT);
const r = good.slice(2, 66);
const s = good.slice(66, 130);
const v = good.slice(130);
const hex = (value: bigint): string => value.toString(16).padStart(64, '0');
const highS = hex(ORDER - BigInt(`0x${s}`));
const otherV = v === '1b' ? '1c' : '1b';
/** EIP-2098: the parity of y in the top bit of s. */
const compact = `0x${r}${hex(BigInt(`0x${s}`) | (v === '1c' ? 1n << 255n : 0n))}`;

test('recovers the signer of a canonical signature', () => {
  expect(isCanonicalSignature(good)).toBe(true);
  expect(recoverSigner(digest, good)).toBe(NODE.address);
});

test.each([
  ['v of 0 or 1', `0x${r}${s}${v === '1b' ? '00' : '01'}`],
  ['the other v of 0 and 1', `0x${r}${s}${v === '1b' ? '01' : '00'}`],
  ['an EIP-155 v', `0x${r}${s}25`],
  ['the compact form of EIP-2098', compact],
  ['the compact form padded to 65 bytes', `${compact}00`],
  ['the malleable twin: high s and the other v', `0x${r}${highS}${otherV}`],
  ['upper-case digits', `0x${good.slice(2).toUpperCase()}`],
  ['an upper-case prefix', good.replace('0x', '0X')],
  ['no prefix', good.slice(2)],
  ['one digit less', good.slice(0, -1)],
  ['one byte more', `${good}00`],
  ['a line feed at the end', `${good}\n`],
  ['a space before', ` ${good}`],
  ['r of zero', `0x${'0'.repeat(64)}${s}${v}`],
  ['s of zero', `0x${r}${'0'.repeat(64)}${v}`],
  ['nothing', ''],
])('refuses %s', (_, signature) => {
  expect(isCanonicalSignature(signature)).toBe(false);
  expect(refusalOf(() => recoverSigner(digest, signature))).toBe('signature_invalid');
});

test('knows the half of the order to the unit', () => {
  const half = ORDER / 2n;
  expect(isCanonicalSignature(`0x${r}${hex(half)}${v}`)).toBe(true);
  expect(isCanonicalSignature(`0x${r}${hex(half + 1n)}${v}`)).toBe(false);
});

test('refuses an r that is on no curve point or beyond the order', () => {
  for (const off of [ORDER, ORDER - 1n, (1n << 256n) - 1n, 5n]) {
    expect(refusalOf(() => recoverSigner(digest, `0x${hex(off)}${s}${v}`))).toBe('signature_invalid');
  }
});

test('signs the same bytes with the same signature, canonical and recoverable by another library', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.maxSafeNat(), async (seed, seq) => {
      const key = keyOf(`property ${seed}`);
      const envelope = { kind: 'heartbeat', session: bytes32Of('s'), seq, timeMs: seq, body: bytes32Of('b') };
      const signer = createSigner(key);
      const signature = signer.signEnvelope(NETWORK, envelope);
      expect(createSigner(key).signEnvelope(NETWORK, envelope)).toBe(signature);
      expect(isCanonicalSignature(signature)).toBe(true);
      const receipt = { ...RECEIPT, node: signer.address };
      const hash = receiptHash(NETWORK, receipt) as `0x${string}`;
      const recovered = await recoverAddress({
        hash,
        signature: signer.signReceipt(NETWORK, receipt) as `0x${string}`,
      });
      expect(recovered).toBe(signer.address);
    }),
    { numRuns: 15 },
  );
});

test('compares addresses by value', () => {
  expect(sameAddress(NODE.address, NODE.address.toLowerCase())).toBe(true);
  expect(sameAddress(NODE.address, createSigner(keyOf('x')).address)).toBe(false);
});
