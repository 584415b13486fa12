// What the network remembers of each report: its manifest, and once it is whole, the signed receipt.
import { z } from 'zod';
import { reportManifest } from '../../protocol/http.js';
import { millis, ulid } from '../../protocol/primitives.js';
import type { NetworkStore } from '../store/store.js';

const reportRecord = z.object({
  manifest: reportManifest,
  opened_ms: millis,
  /** The signed receipt document, null until the upload ended. */
  receipt: z.base64().nullable(),
});
export type ReportRecord = z.infer<typeof reportRecord>;

export interface ReportRecords {
  find(report: string): ReportRecord | undefined;
  /** In the order of their ids: oldest first. */
  ofNode(node: string): readonly ReportRecord[];
  /** Only inside a store transaction. */
  put(record: ReportRecord): void;
  /** Only inside a store transaction. */
  remove(record: ReportRecord): void;
}

export const createReportRecords = (store: NetworkStore): ReportRecords => {
  const byNode = store.table('reports', reportRecord);
  const nodeOf = store.table('report_nodes', z.string());
  const keyOf = ({ manifest }: ReportRecord): string => `${manifest.node.toLowerCase()}/${manifest.report}`;
  return {
    find: (report) => {
      if (!ulid.safeParse(report).success) return undefined; // it comes out of a URL
      const node = nodeOf.get(report);
      return node === undefined ? undefined : byNode.get(`${node}/${report}`);
    },
    ofNode: (node) => {
      const key = node.toLowerCase();
      return [...byNode.range({ start: `${key}/`, end: `${key}0` })].map(({ value }) => value); // '0' follows '/'
    },
    put: (record) => {
      byNode.put(keyOf(record), record);
      nodeOf.put(record.manifest.report, record.manifest.node.toLowerCase());
    },
    remove: (record) => {
      byNode.remove(keyOf(record));
      nodeOf.remove(record.manifest.report);
    },
  };
};
