// The vectors as another implementation would use them: from the files alone, every one of them.
import { spawnSync } from 'node:child_process';
import { appendFile, cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { SigningKey } from 'ethers/crypto';
import { hashTypedData } from 'viem';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { compareGenerated, writeGenerated } from '../../scripts/generated/generated-files.js';
import { vectorFolder } from '../../scripts/vectors/artefacts.js';
import { digestOf, sha256 } from '../../src/protocol/digest.js';
import { decodeFrame } from '../../src/protocol/frame.js';
import { sessionId, verifyNetworkFrame, verifyNodeFrame } from '../../src/protocol/handshake.js';
import { parseMessage } from '../../src/protocol/message-codec.js';
import { modelDigest, modelManifest } from '../../src/protocol/model-manifest.js';
import { type NetworkId, networkSalt } from '../../src/protocol/network-id.js';
import { ownerConsentText, verifyOwnerConsent } from '../../src/protocol/owner-consent.js';
import { ZERO_ADDRESS } from '../../src/protocol/primitives.js';
import { receipt, receiptHash } from '../../src/protocol/receipt.js';
import { recoverSigner } from '../../src/protocol/signature.js';
import { verifyDocument } from '../../src/protocol/signed-document.js';
import { createSigner } from '../../src/protocol/signer.js';
import { startStreamChain } from '../../src/protocol/stream-chain.js';
import { readTrustRoot } from '../../src/protocol/trust-root.js';
import { type Envelope, envelopeHash, type Statement, statementHash } from '../../src/protocol/typed-data.js';
import { refusalOf } from './refusal.js';

const VECTORS = resolve(import.meta.dirname, '../vectors');

const named = { name: z.string().min(1), about: z.string().min(1) };

/** The file's vectors, each checked against the shape its test needs. */
const vectorsOf = async <T extends { readonly name: string }>(
  file: string,
  vector: z.ZodType<T>,
): Promise<readonly (readonly [string, T])[]> => {
  const text = await readFile(join(VECTORS, file), 'utf8');
  const parsed = z
    .object({ about: z.string().min(20), vectors: z.array(vector).min(2) })
    .parse(JSON.parse(text));
  return parsed.vectors.map((one) => [one.name, one] as const);
};
const refusal = z.string().optional();
const network = z.custom<NetworkId>((value) => typeof value === 'object');
const typedData = z.custom<Parameters<typeof hashTypedData>[0]>((value) => typeof value === 'object');
const signed = {
  network,
  typed_data: typedData,
  hash: z.string(),
  signature: z.string(),
  signer: z.string(),
};

test.each(
  await vectorsOf(
    'keys.json',
    z.object({ ...named, private_key: z.string(), public_key: z.string(), address: z.string() }),
  ),
)('key: %s', (name, vector) => {
  expect(vector.private_key).toBe(`0x${sha256(`resultity test key ${name}`).toString('hex')}`);
  expect(new SigningKey(vector.private_key).publicKey).toBe(vector.public_key);
  expect(createSigner(vector.private_key).address).toBe(vector.address);
});

test.each(
  await vectorsOf(
    'frames.json',
    z.object({
      ...named,
      frame_hex: z.string(),
      max_body_bytes: z.number(),
      header: z.unknown().optional(),
      body: z.string().optional(),
      refusal,
    }),
  ),
)('frame: %s', (_, vector) => {
  const decode = () => decodeFrame(Buffer.from(vector.frame_hex, 'hex'), vector.max_body_bytes);
  if (vector.refusal !== undefined) {
    expect(refusalOf(decode)).toBe(vector.refusal);
    return;
  }
  const frame = decode();
  expect(frame.header).toEqual(vector.header);
  expect(Buffer.from(frame.body).toString()).toBe(vector.body);
});

test.each(
  await vectorsOf(
    'signatures.json',
    z.object({ ...named, digest: z.string(), signature: z.string(), signer: z.string().optional(), refusal }),
  ),
)('signature: %s', (_, { digest, signature, signer, ...vector }) => {
  if (vector.refusal === undefined) expect(recoverSigner(digest, signature)).toBe(signer);
  else expect(refusalOf(() => recoverSigner(digest, signature))).toBe(vector.refusal);
});

const envelope = z.custom<Envelope>((value) => typeof value === 'object');
test.each(await vectorsOf('envelopes.json', z.object({ ...named, ...signed, salt: z.string(), envelope })))(
  'envelope: %s',
  (_, vector) => {
    expect(networkSalt(vector.network)).toBe(vector.salt);
    expect(envelopeHash(vector.network, vector.envelope)).toBe(vector.hash);
    expect(hashTypedData(vector.typed_data)).toBe(vector.hash);
    expect(recoverSigner(vector.hash, vector.signature)).toBe(vector.signer);
  },
);

const statement = z.custom<Statement>((value) => typeof value === 'object');
test.each(await vectorsOf('statements.json', z.object({ ...named, ...signed, statement })))(
  'statement: %s',
  (_, vector) => {
    expect(statementHash(vector.network, vector.statement)).toBe(vector.hash);
    expect(hashTypedData(vector.typed_data)).toBe(vector.hash);
    expect(recoverSigner(vector.hash, vector.signature)).toBe(vector.signer);
  },
);

test.each(
  await vectorsOf('receipts.json', z.object({ ...named, ...signed, receipt, receipt_digest: z.string() })),
)('receipt: %s', (_, vector) => {
  expect(receiptHash(vector.network, vector.receipt)).toBe(vector.hash);
  expect(hashTypedData(vector.typed_data)).toBe(vector.hash);
  expect(recoverSigner(vector.hash, vector.signature)).toBe(vector.signer);
  expect(vector.receipt_digest).toBe(`sha256:${vector.hash.slice(2)}`);
});

test.each(
  await vectorsOf(
    'sessions.json',
    z.object({
      ...named,
      network,
      greeting_frame: z.string(),
      hello_frame: z.string(),
      greeting_digest: z.string(),
      hello_digest: z.string(),
      session: z.string(),
    }),
  ),
)('session: %s', (_, vector) => {
  const greeting = decodeFrame(Buffer.from(vector.greeting_frame), 65_536);
  const hello = decodeFrame(Buffer.from(vector.hello_frame), 65_536);
  const { body } = parseMessage(hello, 'node');
  if (!('node' in body)) throw new Error('a hello names its node');
  verifyNetworkFrame(vector.network, greeting.header, ZERO_ADDRESS, [
    createSigner(`0x${sha256('resultity test key online').toString('hex')}`).address,
  ]);
  verifyNodeFrame(vector.network, hello.header, body.node);
  expect([greeting.header.bd, hello.header.bd]).toEqual([vector.greeting_digest, vector.hello_digest]);
  expect(sessionId(vector.greeting_digest, vector.hello_digest)).toBe(vector.session);
});

test.each(
  await vectorsOf(
    'streams.json',
    z.object({
      ...named,
      job: z.string(),
      attempt: z.number(),
      request_digest: z.string(),
      chunks: z.array(z.string()),
      heads: z.array(z.string()),
      output_digest: z.string(),
      output_bytes: z.number(),
    }),
  ),
)('stream: %s', (_, vector) => {
  const chain = startStreamChain(vector.job, vector.attempt, vector.request_digest);
  const heads = [chain.head];
  for (const chunk of vector.chunks) {
    chain.append(chunk);
    heads.push(chain.head);
  }
  expect(heads).toEqual(vector.heads);
  const output = vector.chunks.map((chunk) => `${chunk}\n`).join('');
  expect([digestOf(output), Buffer.byteLength(output)]).toEqual([vector.output_digest, vector.output_bytes]);
});

test.each(
  await vectorsOf(
    'manifests.json',
    z.object({
      ...named,
      id: z.string(),
      version: z.string(),
      files: z.unknown(),
      lines: z.string().optional(),
      digest: z.string().optional(),
      refusal,
    }),
  ),
)('manifest: %s', (_, vector) => {
  const parsed = modelManifest.safeParse(vector.files);
  expect(parsed.success).toBe(vector.refusal === undefined);
  if (!parsed.success) return;
  expect(modelDigest({ id: vector.id, version: vector.version, files: parsed.data })).toBe(vector.digest);
  expect(digestOf(vector.lines ?? '')).toBe(vector.digest);
});

const expected = z.object({ kind: z.string(), role: z.enum(['online', 'config']), node: z.string() });
const { root: rootText, genesis } = z
  .object({ root: z.string(), genesis: z.string() })
  .parse(JSON.parse(await readFile(join(VECTORS, 'signed-documents.json'), 'utf8')));
test.each(
  await vectorsOf(
    'signed-documents.json',
    z.object({ ...named, document: z.string(), body: z.string().optional(), expected, refusal }),
  ),
)('signed document: %s', (_, vector) => {
  const { root, network: id } = readTrustRoot(Buffer.from(rootText), genesis);
  const verify = () =>
    verifyDocument(Buffer.from(vector.document), id, root, { ...vector.expected, maxBytes: 1024 * 1024 });
  if (vector.refusal === undefined) expect(Buffer.from(verify().body).toString()).toBe(vector.body);
  else expect(refusalOf(verify)).toBe(vector.refusal);
});

const consent = z
  .custom<Parameters<typeof ownerConsentText>[0]>((value) => typeof value === 'object')
  .optional();
test.each(
  await vectorsOf(
    'owner-consents.json',
    z.object({ ...named, consent, text: z.string(), signature: z.string(), signer: z.string(), refusal }),
  ),
)("owner's consent: %s", (_, vector) => {
  if (vector.consent !== undefined) expect(ownerConsentText(vector.consent)).toBe(vector.text);
  expect(refusalOf(() => verifyOwnerConsent(vector.text, vector.signature, vector.signer))).toBe(
    vector.refusal ?? 'accepted',
  );
});

test('the files are what the code makes now', async () => {
  expect(await compareGenerated(vectorFolder(VECTORS))).toEqual([]);
});

test('the check finds what is missing, stale or left over, says how to repair it, and the repair works', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'resultity-vectors-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  await cp(VECTORS, directory, { recursive: true });
  await rm(join(directory, 'keys.json'));
  await appendFile(join(directory, 'frames.json'), ' ');
  await appendFile(join(directory, 'tokens.json'), '{}');
  const main = resolve(import.meta.dirname, '../../scripts/vectors/main.ts');
  const run = (...args: string[]) =>
    spawnSync(process.execPath, ['--import', 'tsx', main, '--out', directory, ...args], { encoding: 'utf8' });
  const check = run('--check');
  expect(check.status).toBe(1);
  expect(check.stderr).toContain('keys.json is missing');
  expect(check.stderr).toContain('frames.json is stale');
  expect(check.stderr).toContain('tokens.json is left over');
  expect(check.stderr).toContain('npm run vectors');
  expect((await writeGenerated(vectorFolder(directory))).map(({ why }) => why).sort()).toEqual([
    'left over',
    'missing',
    'stale',
  ]);
  expect(await compareGenerated(vectorFolder(directory))).toEqual([]);
});
