import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NodeError } from '../../../src/errors.js';
import {
  createReportDesk,
  REPORT_LIMITS,
  type ReportDesk,
} from '../../../src/network/reports/report-desk.js';
import { OffsetMismatchError, ReportDigestError } from '../../../src/network/reports/report-errors.js';
import { type NetworkStore, openStore } from '../../../src/network/store/store.js';
import { loadOrCreateNetworkKeys } from '../../../src/network/trust/load-network-keys.js';
import type { NetworkKeys } from '../../../src/network/trust/network-keys.js';
import { parseBoundedJson } from '../../../src/protocol/bounded-json.js';
import { type ReportManifest, reportReceipt } from '../../../src/protocol/http.js';
import { LIMITS } from '../../../src/protocol/limits.js';
import { verifyDocument } from '../../../src/protocol/signed-document.js';

const NODE = '0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf';
const OTHER = '0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF';
const LOG = Buffer.from('{"n":1}\n{"n":2}\n{"n":3}\n');

let place: string;
let directory: string;
let store: NetworkStore;
let keys: NetworkKeys;
let nowMs: number;
let desk: ReportDesk;

const openDesk = (limits = REPORT_LIMITS): ReportDesk =>
  createReportDesk({ store, directory, keys, clock: { nowMs: () => nowMs }, limits });

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'reports-'));
  directory = join(place, 'reports');
  store = openStore(join(place, 'store'));
  nowMs = 1_700_000_000_000;
  keys = await loadOrCreateNetworkKeys(join(place, 'keys'), { name: 'devnet', chainId: 31337, nowMs });
  desk = openDesk();
});
afterEach(async () => {
  await store.close();
  await rm(place, { recursive: true });
});

const sha256 = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** Ids rise with their number. */
const idOf = (number: number): string => `01J${String(number).padStart(23, '0')}`;

const manifestOf = (bytes: Uint8Array, number = 1, change: Partial<ReportManifest> = {}): ReportManifest => ({
  node: NODE,
  report: idOf(number),
  first_line: 0,
  lines: 3,
  bytes: bytes.length,
  sha256: sha256(bytes),
  previous: null,
  ...change,
});

const failureOf = async (work: Promise<unknown>): Promise<NodeError> => {
  const caught = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(caught instanceof NodeError)) throw caught ?? new Error('it did not fail');
  return caught;
};

const documentOf = (answer: unknown): Uint8Array => {
  if (answer instanceof Uint8Array) return answer;
  throw new Error(`not a receipt: ${JSON.stringify(answer)}`);
};

const receiptIn = (document: Uint8Array, node = NODE) => {
  const expected = { kind: 'report.receipt', role: 'online', node, maxBytes: LIMITS.controlBytes } as const;
  const { body } = verifyDocument(document, keys.network, keys.root, expected);
  return reportReceipt.parse(parseBoundedJson(body, { maxBytes: LIMITS.controlBytes }));
};

const deliver = async (bytes: Uint8Array, number: number, change: Partial<ReportManifest> = {}) => {
  const manifest = manifestOf(bytes, number, change);
  const { offset } = await desk.open(manifest);
  return desk.append(manifest.report, offset, bytes.subarray(offset));
};

test('takes a report in pieces and ends it with a receipt signed for this node', async () => {
  const manifest = manifestOf(LOG);
  expect(await desk.open(manifest)).toEqual({ report: manifest.report, offset: 0 });
  expect(await desk.append(manifest.report, 0, LOG.subarray(0, 10))).toEqual({
    report: manifest.report,
    offset: 10,
  });
  const receipt = documentOf(await desk.append(manifest.report, 10, LOG.subarray(10)));
  expect(receiptIn(receipt)).toEqual({
    node: NODE,
    report: manifest.report,
    sha256: sha256(LOG),
    bytes: LOG.length,
  });
  expect(() => receiptIn(receipt, OTHER)).toThrow(/signature/);
});

test('keeps the segment under its node, readable by the network alone', async () => {
  await deliver(LOG, 1);
  const folder = join(directory, NODE.toLowerCase());
  expect(await readdir(folder)).toEqual([`${idOf(1)}.ndjson`]);
  expect(await readFile(join(folder, `${idOf(1)}.ndjson`))).toEqual(LOG);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect((await stat(join(folder, `${idOf(1)}.ndjson`))).mode & 0o777).toBe(0o600);
});

test('holds the announced bytes however they are cut into pieces', async () => {
  let number = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }),
      async (bytes, sizes) => {
        const manifest = manifestOf(bytes, ++number);
        let { offset } = await desk.open(manifest);
        for (let turn = 0; ; turn++) {
          const size = sizes[turn % sizes.length] ?? 1;
          const answer = await desk.append(manifest.report, offset, bytes.subarray(offset, offset + size));
          if (answer instanceof Uint8Array) break;
          expect(answer.offset).toBe(offset + size);
          offset = answer.offset;
        }
        const kept = join(directory, NODE.toLowerCase(), `${manifest.report}.ndjson`);
        expect(Uint8Array.from(await readFile(kept))).toEqual(bytes);
      },
    ),
    { numRuns: 25, seed: 11 },
  );
});

test('says how far it has come when a piece begins elsewhere, and keeps what it holds', async () => {
  const manifest = manifestOf(LOG);
  await desk.open(manifest);
  await desk.append(manifest.report, 0, LOG.subarray(0, 10));
  for (const offset of [0, 9, 11, -1, Number.NaN]) {
    const failure = await failureOf(desk.append(manifest.report, offset, LOG.subarray(0, 3)));
    expect(failure).toBeInstanceOf(OffsetMismatchError);
    expect(failure).toMatchObject({ code: 'OFFSET_MISMATCH', retryable: true, details: { offset: 10 } });
  }
  receiptIn(documentOf(await desk.append(manifest.report, 10, LOG.subarray(10))));
});

test('lets one of two pieces through that come at once for the same place', async () => {
  const manifest = manifestOf(LOG);
  await desk.open(manifest);
  const piece = LOG.subarray(0, 10);
  const answers = await Promise.allSettled([
    desk.append(manifest.report, 0, piece),
    desk.append(manifest.report, 0, piece),
  ]);
  expect(answers).toMatchObject([
    { status: 'fulfilled', value: { offset: 10 } },
    { status: 'rejected', reason: { code: 'OFFSET_MISMATCH' } },
  ]);
});

test('goes on after a restart where it stopped', async () => {
  const manifest = manifestOf(LOG);
  await desk.open(manifest);
  await desk.append(manifest.report, 0, LOG.subarray(0, 10));
  await store.close();
  store = openStore(join(place, 'store'));
  desk = openDesk();
  expect(await desk.open(manifest)).toEqual({ report: manifest.report, offset: 10 });
  receiptIn(documentOf(await desk.append(manifest.report, 10, LOG.subarray(10))));
});

test('answers a repeated upload with the very same receipt', async () => {
  const manifest = manifestOf(LOG);
  await desk.open(manifest);
  const receipt = documentOf(await desk.append(manifest.report, 0, LOG));
  nowMs += 86_400_000;
  desk = openDesk();
  expect(await desk.open({ ...manifest, node: NODE.toLowerCase() })).toEqual({
    report: manifest.report,
    offset: LOG.length,
  });
  expect(documentOf(await desk.append(manifest.report, LOG.length, Buffer.alloc(0)))).toEqual(receipt);
  expect(documentOf(await desk.append(manifest.report, 0, LOG))).toEqual(receipt);
});

test('completes a report whose process died between the last byte and the receipt', async () => {
  const manifest = manifestOf(LOG);
  await desk.open(manifest);
  await desk.append(manifest.report, 0, LOG.subarray(0, 10));
  const folder = join(directory, NODE.toLowerCase());
  await rm(join(folder, `${manifest.report}.part`));
  await writeFile(join(folder, `${manifest.report}.ndjson`), LOG); // sealed, not yet recorded
  desk = openDesk();
  expect(await desk.open(manifest)).toEqual({ report: manifest.report, offset: LOG.length });
  receiptIn(documentOf(await desk.append(manifest.report, LOG.length, Buffer.alloc(0))));
});

test('takes a torn piece of a crash as held, and drops all when the digest shows damage', async () => {
  const manifest = manifestOf(LOG);
  await desk.open(manifest);
  await desk.append(manifest.report, 0, LOG.subarray(0, 10));
  const part = join(directory, NODE.toLowerCase(), `${manifest.report}.part`);
  await truncate(part, 12); // two bytes of zeros: the file had grown, its data had not arrived
  expect((await desk.open(manifest)).offset).toBe(12);
  const failure = await failureOf(desk.append(manifest.report, 12, LOG.subarray(12)));
  expect(failure).toBeInstanceOf(ReportDigestError);
  expect(failure).toMatchObject({ code: 'REPORT_DIGEST', retryable: true, details: { offset: 0 } });
  expect((await desk.open(manifest)).offset).toBe(0);
  receiptIn(documentOf(await desk.append(manifest.report, 0, LOG)));
});

test('receipts an empty report', async () => {
  const empty = Buffer.alloc(0);
  expect(receiptIn(documentOf(await deliver(empty, 1))).bytes).toBe(0);
});

test('refuses the same id with another manifest, also from another node', async () => {
  await desk.open(manifestOf(LOG));
  for (const change of [{ lines: 4 }, { sha256: sha256(Buffer.from('x')) }, { node: OTHER }]) {
    expect((await failureOf(desk.open(manifestOf(LOG, 1, change)))).code).toBe('REPORT_CONFLICT');
  }
  expect((await desk.open(manifestOf(LOG))).offset).toBe(0);
});

test('refuses a report nobody announced, whatever its id looks like', async () => {
  for (const report of [idOf(9), '', '../../keys/online.key', 'x'.repeat(5_000)]) {
    expect((await failureOf(desk.append(report, 0, LOG))).code).toBe('UNKNOWN_REPORT');
  }
});

test('refuses more bytes than announced, too large pieces and too large reports, and holds what it held', async () => {
  const big = Buffer.alloc(LIMITS.logPieceBytes + 1, 0x20);
  const manifest = manifestOf(big);
  await desk.open(manifest);
  expect((await failureOf(desk.append(manifest.report, 0, big))).code).toBe('REPORT_TOO_LARGE');
  await desk.append(manifest.report, 0, big.subarray(1));
  expect((await failureOf(desk.append(manifest.report, LIMITS.logPieceBytes, big.subarray(0, 2)))).code).toBe(
    'REPORT_TOO_LARGE',
  );
  expect((await desk.open(manifest)).offset).toBe(LIMITS.logPieceBytes);
  const huge = manifestOf(LOG, 2, { bytes: REPORT_LIMITS.reportBytes + 1 });
  expect((await failureOf(desk.open(huge))).code).toBe('REPORT_TOO_LARGE');
});

test('lets the oldest reports of a node make room, and those of no other', async () => {
  desk = openDesk({ reportBytes: 100, nodeBytes: LOG.length * 2, nodeReports: 10 });
  await deliver(LOG, 1, { node: OTHER });
  await deliver(LOG, 2);
  await desk.open(manifestOf(LOG, 3));
  await deliver(LOG, 4);
  const names = async (node: string) => (await readdir(join(directory, node.toLowerCase()))).sort();
  expect(await names(NODE)).toEqual([`${idOf(4)}.ndjson`]);
  expect(await names(OTHER)).toEqual([`${idOf(1)}.ndjson`]);
  expect((await failureOf(desk.append(idOf(2), 0, LOG))).code).toBe('UNKNOWN_REPORT');
  receiptIn(documentOf(await desk.append(idOf(3), 0, LOG)));
  desk = openDesk({ reportBytes: 100, nodeBytes: 1_000, nodeReports: 2 });
  await deliver(LOG, 5);
  expect(await names(NODE)).toEqual([`${idOf(4)}.ndjson`, `${idOf(5)}.ndjson`]);
});

test('says so when the disk does not take it, and goes on once it does', async () => {
  const manifest = manifestOf(LOG);
  await writeFile(directory, 'not a directory');
  expect(await failureOf(desk.open(manifest))).toMatchObject({ code: 'REPORT_STORAGE', retryable: true });
  await rm(directory);
  await desk.open(manifest);
  await desk.append(manifest.report, 0, LOG.subarray(0, 10));
  const folder = join(directory, NODE.toLowerCase());
  await rm(folder, { recursive: true });
  await writeFile(folder, 'in the way');
  expect((await failureOf(desk.append(manifest.report, 10, LOG.subarray(10)))).code).toBe('REPORT_STORAGE');
  await rm(folder);
  expect((await desk.open(manifest)).offset).toBe(0);
  receiptIn(documentOf(await desk.append(manifest.report, 0, LOG)));
});
