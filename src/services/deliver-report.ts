// The steps of a report: seal the log, announce it signed, send the pieces, check the network's receipt, delete.

import type { Logger } from 'pino';
import { fromPromise } from 'xstate';
import type { Clock } from '../adapters/host/clock.js';
import type { SealedReport } from '../adapters/logs/report-log.js';
import type { NetworkHttp } from '../adapters/network-http/network-http.js';
import { NetworkRefusedError } from '../adapters/network-http/network-http-errors.js';
import { toFailure } from '../errors.js';
import { parseBoundedJson } from '../protocol/bounded-json.js';
import { reportReceipt } from '../protocol/http.js';
import { LIMITS } from '../protocol/limits.js';
import { verifyDocument } from '../protocol/signed-document.js';
import { encodeSignedRequest } from '../protocol/signed-request.js';
import type { ConfigInForce } from './config-in-force.js';
import type { Membership } from './membership.js';
import { ReportGoneError, ReportReceiptError } from './service-errors.js';

export interface DeliverReportParts {
  readonly http: NetworkHttp;
  readonly membership: Membership;
  readonly config: ConfigInForce;
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
  if (found === undefined) throw new ReportGoneError(`there is no sealed report ${report} any more`);
  return found;
};

/**
 * Lines about reports alone are not sealed: they go with the next others.
 * @throws ReportLogError where nothing is sealed from before: what is goes out even where the disk takes no more
 */
export const sealReport = ({ membership, config, logger }: DeliverReportParts) =>
  fromPromise<string | null, undefined>(async () => {
    const { reports } = membership.network.get();
    const current = config.current();
    if (current !== undefined) reports.sealAt(current.snapshot.reports.segment_bytes);
    try {
      // A report for every line about a report would follow itself for ever.
      if (reports.hasNews()) await reports.seal();
    } catch (error) {
      if (reports.sealed().length === 0) throw error;
      const { code, message, advice } = toFailure(error);
      logger.warn({ event: 'report.not_sealed', code, advice }, message);
    }
    return next(reports.sealed());
  });

/** What the network will say of this manifest every time. */
const FINAL_REFUSALS: ReadonlySet<string> = new Set(['report_conflict', 'report_too_large']);

/** @throws ReportGoneError when the network will never take it: it must not keep all others waiting */
const announce = async (parts: DeliverReportParts, sealed: SealedReport, signal: AbortSignal) => {
  const { http, membership, clock, logger } = parts;
  const { id, reports } = membership.network.get();
  const { signer, nodeId } = membership.identity.get();
  const manifest = {
    node: nodeId,
    report: sealed.report,
    first_line: sealed.firstLine,
    lines: sealed.lines,
    bytes: sealed.bytes,
    sha256: sealed.sha256,
    previous: sealed.previous,
  };
  try {
    return await http.openReport(
      encodeSignedRequest(id, signer, 'report.manifest', manifest, clock.nowMs()),
      signal,
    );
  } catch (cause) {
    const code = cause instanceof NetworkRefusedError ? (cause.problem?.code ?? '') : '';
    if (!FINAL_REFUSALS.has(code)) throw cause;
    logger.error(
      { event: 'report.refused', report: sealed.report, code },
      'the network will never take this log report: it is given up',
    );
    reports.giveUp(sealed.report);
    throw new ReportGoneError('the network will never take this report', { cause });
  }
};

/** Goes on from the offset the network holds, so that a cut costs at most one piece. */
export const uploadReport = (parts: DeliverReportParts) =>
  fromPromise<void, ReportInput>(async ({ input, signal }) => {
    const { http, membership, receipts } = parts;
    const { reports } = membership.network.get();
    const sealed = find(parts, input);
    await reports.secure(sealed.report);
    let { offset } = await announce(parts, sealed, signal);
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
