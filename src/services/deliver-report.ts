// The steps of a report: seal the log, announce it signed, send the pieces, check the network's receipt, delete.

import type { Logger } from 'pino';
import { fromPromise } from 'xstate';
import type { Clock } from '../adapters/host/clock.js';
import type { SealedReport } from '../adapters/logs/report-log.js';
import type { NetworkHttp } from '../adapters/network-http/network-http.js';
import { parseBoundedJson } from '../protocol/bounded-json.js';
import { reportReceipt } from '../protocol/http.js';
import { LIMITS } from '../protocol/limits.js';
import { verifyDocument } from '../protocol/signed-document.js';
import { encodeSignedRequest } from '../protocol/signed-request.js';
import type { Membership } from './membership.js';
import { ReportReceiptError } from './service-errors.js';

export interface DeliverReportParts {
  readonly http: NetworkHttp;
  readonly membership: Membership;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Receipts that have arrived and are not yet checked. */
  readonly receipts: Map<string, Uint8Array>;
}

interface ReportInput {
  readonly report: string;
}

const next = (sealed: readonly SealedReport[]): string | null => sealed[0]?.report ?? null;

const find = ({ membership }: DeliverReportParts, { report }: ReportInput): SealedReport => {
  const found = membership.network
    .get()
    .reports.sealed()
    .find((one) => one.report === report);
  if (found === undefined) throw new ReportReceiptError(`there is no sealed report ${report}`);
  return found;
};

export const sealReport = ({ membership }: DeliverReportParts) =>
  fromPromise<string | null, undefined>(async () => {
    const { reports } = membership.network.get();
    await reports.seal();
    return next(reports.sealed());
  });

/** Goes on from the offset the network holds, so that a cut costs at most one piece. */
export const uploadReport = (parts: DeliverReportParts) =>
  fromPromise<void, ReportInput>(async ({ input, signal }) => {
    const { http, membership, clock, receipts } = parts;
    const { id, reports } = membership.network.get();
    const { signer, nodeId } = membership.identity.get();
    const sealed = find(parts, input);
    const manifest = {
      node: nodeId,
      report: sealed.report,
      first_line: sealed.firstLine,
      lines: sealed.lines,
      bytes: sealed.bytes,
      sha256: sealed.sha256,
      previous: sealed.previous,
    };
    const frame = encodeSignedRequest(id, signer, 'report.manifest', manifest, clock.nowMs());
    let { offset } = await http.openReport(frame, signal);
    for (;;) {
      const piece = await reports.read(sealed.report, offset, LIMITS.logPieceBytes);
      const answer = await http.sendReport(sealed.report, offset, piece, signal);
      if (answer instanceof Uint8Array) {
        receipts.set(sealed.report, answer);
        return;
      }
      if (answer.offset <= offset)
        throw new ReportReceiptError('the network does not take the report any further');
      offset = answer.offset;
    }
  });

/** @throws ProtocolError, ReportReceiptError: the segment stays */
export const confirmReport = (parts: DeliverReportParts) =>
  fromPromise<void, ReportInput>(async ({ input }) => {
    const { membership, receipts } = parts;
    const { id, root } = membership.network.get();
    const { nodeId } = membership.identity.get();
    const document = receipts.get(input.report);
    receipts.delete(input.report);
    if (document === undefined) throw new ReportReceiptError('no receipt came');
    const expected = {
      kind: 'report.receipt',
      role: 'online',
      node: nodeId,
      maxBytes: LIMITS.controlBytes,
    } as const;
    const { body } = verifyDocument(document, id, root, expected);
    const receipt = reportReceipt.parse(parseBoundedJson(body, { maxBytes: LIMITS.controlBytes }));
    const sealed = find(parts, input);
    if (
      receipt.report !== sealed.report ||
      receipt.sha256 !== sealed.sha256 ||
      receipt.bytes !== sealed.bytes
    ) {
      throw new ReportReceiptError('the receipt speaks of other bytes than were sent');
    }
  });

export const pruneReport = (parts: DeliverReportParts) =>
  fromPromise<string | null, ReportInput>(async ({ input }) => {
    const { reports } = parts.membership.network.get();
    await reports.remove(input.report);
    parts.logger.debug({ event: 'report.delivered', report: input.report }, 'log report delivered');
    return next(reports.sealed());
  });
