// Who the nodes are: registration, owner, standing. Survives restarts.
import { z } from 'zod';
import { standingState } from '../../protocol/codes.js';
import { hardwareProfile } from '../../protocol/hardware.js';
import type { OwnerRef, Registration } from '../../protocol/http.js';
import { ownerRef } from '../../protocol/http.js';
import type { Standing } from '../../protocol/messages/session.js';
import { address, code, count, digest, millis, text } from '../../protocol/primitives.js';

export const nodeRecord = z.object({
  node: address,
  revision: count,
  registered_ms: millis,
  agent_version: z.string(),
  hardware: hardwareProfile,
  engines: z.array(z.string()),
  label: z.string().optional(),
  owner: ownerRef.nullable(),
  /** Set by penalties or an operator; `null` means none: active when bound, pending when not. */
  exclusion: z.object({ state: standingState, code, text, until_ms: millis.optional() }).nullable(),
  last_seen_ms: millis,
  /** Newest receipt seen: receipts of a node form a chain. */
  last_receipt: z.object({ seq: count, digest }).nullable(),
  /** Failures that count against the node since its last success. */
  strikes: count,
});
export type NodeRecord = z.infer<typeof nodeRecord>;

export interface NodeRegistry {
  find(node: string): NodeRecord | undefined;
  /** In the order of their addresses; those behind `after`, at most `limit`; all unless told. */
  list(page?: { readonly after?: string | undefined; readonly limit?: number }): readonly NodeRecord[];
  count(): number;
  /** Creates or refreshes; a change raises `revision`. Idempotent for equal content. */
  register(registration: Registration, nowMs: number): Promise<NodeRecord>;
  bind(node: string, owner: OwnerRef): Promise<NodeRecord>;
  /** Merges in a change to one record, durably. @throws when the node is unknown */
  update(node: string, change: (record: NodeRecord) => NodeRecord): Promise<NodeRecord>;
  /** What the node is told: its exclusion if one is in force, else active when bound, else pending. */
  standingOf(record: NodeRecord, nowMs: number): Standing;
  /** Called after bind or update, with the new record. */
  onChange(listener: (record: NodeRecord) => void): () => void;
}
