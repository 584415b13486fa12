// Takes in the log reports of nodes: announced by a signed manifest, sent in pieces, ended by a signed receipt against
// which the node deletes its copy. Every step can be repeated, and goes on where it stopped.
import type { ReportManifest, ReportProgress, ReportReceipt } from '../../protocol/http.js';
import { LIMITS } from '../../protocol/limits.js';
import { signDocument } from '../../protocol/signed-document.js';
import type { Clock } from '../scheduler/timing.js';
import type { NetworkStore } from '../store/store.js';
import type { NetworkKeys } from '../trust/network-keys.js';
import { createOneAtATime } from './one-at-a-time.js';
import {
  OffsetMismatchError,
  ReportConflictError,
  ReportDigestError,
  ReportTooLargeError,
  UnknownReportError,
} from './report-errors.js';
import { createReportFiles } from './report-files.js';
import { createReportRecords, type ReportRecord } from './report-records.js';

export interface ReportDesk {
  /**
   * Accepts a report, or says how far it has come. The caller has checked the node's signature and that it is registered.
   * @throws ReportTooLargeError, ReportConflictError, ReportStorageError
   */
  open(manifest: ReportManifest): Promise<ReportProgress>;
  /**
   * Puts a piece behind the bytes held. The piece that completes the report is answered with the signed receipt document;
   * so is everything sent to a report that is complete.
   * @param report untrusted, as it came in the URL
   * @throws UnknownReportError, OffsetMismatchError, ReportTooLargeError, ReportDigestError, ReportStorageError
   */
  append(report: string, offset: number, piece: Uint8Array): Promise<ReportProgress | Uint8Array>;
}

export interface ReportLimits {
  /** Of one report. */
  readonly reportBytes: number;
  /** Of all reports kept for one node; the oldest make room. */
  readonly nodeBytes: number;
  /** Kept for one node, complete or not; the oldest make room. */
  readonly nodeReports: number;
}

const MIB = 1024 * 1024;
/** 32 MiB: twice the largest segment a configuration may ask for (16 MiB), for a segment ends after a line. */
export const REPORT_LIMITS: ReportLimits = {
  reportBytes: 32 * MIB,
  nodeBytes: 1024 * MIB,
  nodeReports: 1_000,
};

export interface ReportDeskDeps {
  readonly store: NetworkStore;
  /** Where segments are kept, a directory per node. */
  readonly directory: string;
  readonly keys: NetworkKeys;
  readonly clock: Clock;
  readonly limits?: ReportLimits;
}

export const createReportDesk = (deps: ReportDeskDeps): ReportDesk => {
  const { store, directory, keys, clock, limits = REPORT_LIMITS } = deps;
  const records = createReportRecords(store);
  const files = createReportFiles(directory);
  const inTurn = createOneAtATime();

  const progressOf = async ({ manifest, receipt }: ReportRecord): Promise<ReportProgress> => ({
    report: manifest.report,
    offset: receipt === null ? await files.held(manifest) : manifest.bytes,
  });

  const admit = async (manifest: ReportManifest): Promise<ReportRecord> => {
    const known = records.find(manifest.report);
    if (known !== undefined) return sameReport(known, manifest);
    const record: ReportRecord = { manifest, opened_ms: clock.nowMs(), receipt: null };
    const leaving = toMakeRoom(records.ofNode(manifest.node), manifest.bytes, limits);
    for (const old of leaving) await files.remove(old.manifest);
    await files.remove(manifest); // bytes without a record: a removal that was cut short
    return store.transaction(() => {
      const raced = records.find(manifest.report); // by another node under the same id
      if (raced !== undefined) return sameReport(raced, manifest);
      for (const old of leaving) records.remove(old);
      records.put(record);
      return record;
    });
  };

  const complete = async (record: ReportRecord): Promise<Uint8Array> => {
    const { manifest } = record;
    if ((await files.digest(manifest)) !== manifest.sha256) {
      await files.remove(manifest);
      throw new ReportDigestError('the bytes received are not the ones the manifest announced', {
        details: { offset: 0 },
        advice: 'Send the segment again from its beginning.',
      });
    }
    await files.seal(manifest);
    const document = signReceipt(keys, manifest, clock.nowMs());
    await store.transaction(() => records.put({ ...record, receipt: document.toString('base64') }));
    return document;
  };

  const take = async (report: string, offset: number, piece: Uint8Array) => {
    const record = records.find(report);
    if (record === undefined) throw unknown();
    if (record.receipt !== null) return Buffer.from(record.receipt, 'base64');
    const { manifest } = record;
    const held = await files.held(manifest);
    if (offset !== held) {
      throw new OffsetMismatchError(
        held,
        `the piece begins at ${offset}, but the network holds ${held} bytes`,
        {
          advice: `Go on from byte ${held}.`,
        },
      );
    }
    if (piece.length > LIMITS.logPieceBytes) {
      throw new ReportTooLargeError(`a piece of ${piece.length} bytes`, {
        advice: `Send at most ${LIMITS.logPieceBytes} bytes at a time.`,
      });
    }
    if (held + piece.length > manifest.bytes) {
      throw new ReportTooLargeError(
        `${held + piece.length} bytes of a report announced with ${manifest.bytes}`,
        { advice: 'Send exactly the bytes the manifest speaks of.' },
      );
    }
    if (piece.length > 0) await files.append(manifest, held, piece);
    if (held + piece.length === manifest.bytes) return complete(record);
    return { report, offset: held + piece.length };
  };

  return {
    open: async (manifest) => {
      if (manifest.bytes > limits.reportBytes) {
        throw new ReportTooLargeError(`a report of ${manifest.bytes} bytes`, {
          advice: `Seal segments before they pass ${limits.reportBytes} bytes.`,
        });
      }
      return inTurn(manifest.node.toLowerCase(), async () => progressOf(await admit(manifest)));
    },
    append: async (report, offset, piece) => {
      const record = records.find(report);
      if (record === undefined) throw unknown();
      return inTurn(record.manifest.node.toLowerCase(), () => take(report, offset, piece));
    },
  };
};

const unknown = (): UnknownReportError =>
  new UnknownReportError('no such report is open', { advice: 'Announce it with its signed manifest first.' });

const MANIFEST_FIELDS = ['report', 'first_line', 'lines', 'bytes', 'sha256', 'previous'] as const;

const sameReport = (known: ReportRecord, manifest: ReportManifest): ReportRecord => {
  const same =
    known.manifest.node.toLowerCase() === manifest.node.toLowerCase() &&
    MANIFEST_FIELDS.every((field) => known.manifest[field] === manifest[field]);
  if (same) return known;
  throw new ReportConflictError('this report id is held with another manifest', {
    advice: 'Give every sealed segment an id of its own.',
  });
};

/** The oldest reports, as many as must leave for one more of this size. */
const toMakeRoom = (
  kept: readonly ReportRecord[],
  bytes: number,
  limits: ReportLimits,
): readonly ReportRecord[] => {
  let total = kept.reduce((sum, { manifest }) => sum + manifest.bytes, bytes);
  let left = kept.length + 1;
  return kept.filter(({ manifest }) => {
    if (total <= limits.nodeBytes && left <= limits.nodeReports) return false;
    total -= manifest.bytes;
    left -= 1;
    return true;
  });
};

const signReceipt = (
  keys: NetworkKeys,
  { node, report, sha256, bytes }: ReportManifest,
  nowMs: number,
): Buffer => {
  const receipt: ReportReceipt = { node, report, sha256, bytes };
  const facts = { kind: 'report.receipt', role: 'online', seq: 0, timeMs: nowMs, node } as const;
  return signDocument(keys.network, facts, Buffer.from(JSON.stringify(receipt)), [keys.online]);
};
