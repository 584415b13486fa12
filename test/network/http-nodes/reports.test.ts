import { ulid } from 'ulid';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { digestOf } from '../../../src/protocol/digest.js';
import { reportProgress, reportReceipt } from '../../../src/protocol/http.js';
import { LIMITS } from '../../../src/protocol/limits.js';
import { verifyDocument } from '../../../src/protocol/signed-document.js';
import { type HttpRig, NOW, startHttpRig, type TestNode } from './http-rig.js';

let rig: HttpRig;
beforeEach(async () => {
  rig = await startHttpRig();
});
afterEach(() => rig.close());

const log = Buffer.from('{"event":"a"}\n{"event":"b"}\n');
const manifestOf = (node: TestNode, bytes = log) => ({
  node: node.id,
  report: ulid(NOW),
  first_line: 0,
  lines: 2,
  bytes: bytes.length,
  sha256: digestOf(bytes),
  previous: null,
});
const open = (manifest: object, node = rig.one) =>
  rig.call('POST', '/v1/reports', node.sign('report.manifest', manifest));
const send = (report: string, offset: number | string, piece: Uint8Array) =>
  rig.call('PATCH', `/v1/reports/${report}`, piece, {
    'content-type': 'application/octet-stream',
    'upload-offset': String(offset),
  });

test('takes a report in pieces and receipts the whole, the same however often it is asked', async () => {
  await rig.register(rig.one);
  const manifest = manifestOf(rig.one);
  const opened = await open(manifest);
  expect(reportProgress.parse(opened.json())).toEqual({ report: manifest.report, offset: 0 });
  expect(opened.headers.get('location')).toBe(`/v1/reports/${manifest.report}`);
  const first = await send(manifest.report, 0, log.subarray(0, 10));
  expect(reportProgress.parse(first.json())).toEqual({ report: manifest.report, offset: 10 });
  expect(first.headers.get('upload-offset')).toBe('10');
  expect(reportProgress.parse((await open(manifest)).json()).offset).toBe(10);
  const last = await send(manifest.report, 10, log.subarray(10));
  expect(last.headers.get('content-type')).toBe('application/vnd.resultity.frame');
  const { body } = verifyDocument(last.bytes, rig.keys.network, rig.keys.root, {
    kind: 'report.receipt',
    role: 'online',
    node: rig.one.id,
    maxBytes: LIMITS.controlBytes,
  });
  expect(reportReceipt.parse(JSON.parse(Buffer.from(body).toString()))).toEqual({
    node: rig.one.id,
    report: manifest.report,
    sha256: manifest.sha256,
    bytes: log.length,
  });
  rig.nowMs += 1000;
  const repeated = await send(manifest.report, 10, log.subarray(10));
  const empty = await send(manifest.report, log.length, new Uint8Array());
  expect([repeated.bytes.equals(last.bytes), empty.bytes.equals(last.bytes)]).toEqual([true, true]);
  expect(reportProgress.parse((await open(manifest)).json()).offset).toBe(log.length);
});

test('answers a piece at a wrong place with the offset held', async () => {
  await rig.register(rig.one);
  const manifest = manifestOf(rig.one);
  await open(manifest);
  await send(manifest.report, 0, log.subarray(0, 10));
  const early = await send(manifest.report, 5, log.subarray(5));
  expect([early.status, early.headers.get('upload-offset'), early.problem().code]).toEqual([
    409,
    '10',
    'offset_mismatch',
  ]);
});

test('refuses bytes that are not the announced ones, and begins again', async () => {
  await rig.register(rig.one);
  const manifest = manifestOf(rig.one);
  await open(manifest);
  const damaged = await send(manifest.report, 0, Buffer.alloc(log.length, 'x'));
  expect([damaged.status, damaged.problem().code]).toEqual([422, 'report_digest']);
  expect((await send(manifest.report, 0, log)).status).toBe(200);
});

test('opens reports only for registered nodes that sign them', async () => {
  const manifest = manifestOf(rig.one);
  const unknown = await open(manifest);
  expect([unknown.status, unknown.problem().code]).toEqual([404, 'unknown_node']);
  await rig.register(rig.one);
  const forged = await open(manifest, rig.two);
  expect([forged.status, forged.problem().code]).toEqual([401, 'signature_invalid']);
  await open(manifest);
  await rig.register(rig.two);
  const taken = await open({ ...manifest, node: rig.two.id }, rig.two);
  expect([taken.status, taken.problem().code]).toEqual([409, 'report_conflict']);
});

test('refuses pieces that are too long, too many, of no report, or without an offset', async () => {
  await rig.register(rig.one);
  const manifest = manifestOf(rig.one);
  await open(manifest);
  const huge = await send(manifest.report, 0, Buffer.alloc(LIMITS.logPieceBytes + 1));
  expect([huge.status, huge.problem().code]).toEqual([413, 'too_large']);
  const more = await send(manifest.report, 0, Buffer.concat([log, log]));
  expect([more.status, more.problem().code]).toEqual([413, 'report_too_large']);
  for (const report of [ulid(NOW), 'nonsense', '..%2f..']) {
    const unknown = await send(report, 0, log);
    expect([unknown.status, unknown.problem().code]).toEqual([404, 'unknown_report']);
  }
  const without = await send(manifest.report, '-1', log);
  expect([without.status, without.problem().code]).toEqual([400, 'bad_request']);
  const frame = await rig.call('PATCH', `/v1/reports/${manifest.report}`, log, {
    'content-type': 'application/vnd.resultity.frame',
    'upload-offset': '0',
  });
  expect(frame.status).toBe(415);
  const big = await open({ ...manifestOf(rig.one), bytes: 2 ** 40 });
  expect([big.status, big.problem().code]).toEqual([413, 'report_too_large']);
});
