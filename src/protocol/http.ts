// The HTTP half of protocol v1: shapes of requests and answers, all below `/v1`. Signed requests are frames
// (header line, LF, JSON body) outside a session: their body carries a server nonce against replay.
import { z } from 'zod';
import { hardwareProfile } from './hardware.js';
import { configRef, standing } from './messages/session.js';
import {
  address,
  bytes32,
  code,
  count,
  digest,
  millis,
  networkName,
  signatureHex,
  text,
  ulid,
} from './primitives.js';

/** Content type of a signed request or document. */
export const FRAME_CONTENT_TYPE = 'application/vnd.resultity.frame';

/** `GET /v1/network` */
export const networkInfo = z.object({
  network: networkName,
  chain_id: count,
  genesis: digest,
  protocol: z.array(count).min(1),
  socket_url: z.url({ protocol: /^wss?$/ }),
  /** Where an owner manages nodes; the domain shown in a wallet's text. */
  portal_url: z.url({ protocol: /^https?$/ }),
  config: configRef.nullable(),
  time_ms: millis,
});
export type NetworkInfo = z.infer<typeof networkInfo>;

/** `POST /v1/nodes/challenge`: one use, 60 s. */
export const challenge = z.object({ nonce: bytes32, expires_ms: millis });

/** `PUT /v1/nodes/{node}`, a signed frame of kind `register`. The same again is 200; a change is a new revision. */
export const registration = z.object({
  nonce: bytes32,
  node: address,
  /** Uncompressed secp256k1 public key, 65 bytes; the network derives the node id from it. */
  public_key: z.string().regex(/^0x04[0-9a-f]{128}$/),
  agent_version: z.string().max(64),
  protocol: count,
  hardware: hardwareProfile,
  engines: z.array(z.string().max(32)).max(16),
  label: z.string().max(64).optional(),
});
export type Registration = z.infer<typeof registration>;

/** Answer to registration, and `GET`-like `POST /v1/nodes/{node}/standing` (signed, kind `standing.get`). */
export const nodeStanding = z.object({ node: address, registered_ms: millis, revision: count, standing });
export type NodeStanding = z.infer<typeof nodeStanding>;

export const standingQuery = z.object({ nonce: bytes32, node: address });

/** Who claims a node: a wallet by its address, or an e-mail address. */
export const ownerRef = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('wallet'), address }),
  z.object({ kind: z.literal('email'), email: z.email().max(254) }),
]);
export type OwnerRef = z.infer<typeof ownerRef>;

/** `POST /v1/nodes/{node}/binding`, kind `bind.start`: the node agrees to be claimed by this owner. */
export const bindStart = z.object({ nonce: bytes32, node: address, owner: ownerRef });
export type BindStart = z.infer<typeof bindStart>;

/** What the owner must do: sign `message` (ERC-4361), or read the code in the mail. Ends after 10 minutes. */
export const bindOffer = z.object({
  binding: ulid,
  expires_ms: millis,
  message: z.string().max(4096).optional(),
});
export type BindOffer = z.infer<typeof bindOffer>;

/** Kind `bind.finish`: the owner's proof, countersigned by the node. */
export const bindFinish = z.object({
  nonce: bytes32,
  node: address,
  binding: ulid,
  proof: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('wallet'), signature: signatureHex }),
    z.object({ kind: z.literal('email'), code: z.string().regex(/^[0-9]{8}$/) }),
  ]),
});
export type BindFinish = z.infer<typeof bindFinish>;

/** `POST /v1/reports`, kind `report.manifest`: a sealed log segment is about to be uploaded. */
export const reportManifest = z.object({
  node: address,
  report: ulid,
  first_line: count,
  lines: count,
  bytes: count,
  sha256: digest,
  /** `sha256` of the report before this one, or null. */
  previous: digest.nullable(),
});
export type ReportManifest = z.infer<typeof reportManifest>;

/** Answer to a manifest and to each piece: how many bytes the network holds. */
export const reportProgress = z.object({ report: ulid, offset: count });

/** Body of the signed document (kind `report.receipt`, online role) that ends an upload. */
export const reportReceipt = z.object({ node: address, report: ulid, sha256: digest, bytes: count });
export type ReportProgress = z.infer<typeof reportProgress>;

export type ReportReceipt = z.infer<typeof reportReceipt>;

/** RFC 9457 problem body. */
export const problem = z.object({
  type: z.string().max(256).optional(),
  title: z.string().max(256),
  status: z.number().int(),
  code,
  detail: text.optional(),
  retry_after_ms: millis.optional(),
});
export type Problem = z.infer<typeof problem>;
