// Sizes and times of protocol v1. They live here, not in a snapshot: no configuration can widen them.

export const PROTOCOL_VERSION = 1;
/** WebSocket subprotocol; the major version is in the name. */
export const SUBPROTOCOL = 'resultity.node.v1';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Bytes. Checked before anything is parsed. */
export const LIMITS = {
  headerBytes: 4 * KIB,
  controlBytes: 64 * KIB,
  heartbeatBytes: 128 * KIB,
  deltaBytes: 256 * KIB,
  offerBytes: 8 * MIB,
  resultBytes: 16 * MIB,
  configBytes: 1 * MIB,
  rootBytes: 512 * KIB,
  logPieceBytes: 256 * KIB,
  jsonDepth: 32,
  jsonKeys: 10_000,
} as const;

/** Milliseconds. */
export const TIMES = {
  heartbeatMs: 15_000,
  heartbeatMinMs: 1_000,
  heartbeatMaxMs: 600_000,
  helloWithinMs: 10_000,
  pingMs: 10_000,
  deadMs: 25_000,
  leaseMs: 30_000,
  ackWithinMs: 60_000,
  reconnectBaseMs: 1_000,
  reconnectCapMs: 60_000,
  healthyAfterMs: 60_000,
  challengeMs: 60_000,
  clockSkewMs: 60_000,
  outboxMs: 24 * 3_600_000,
  jobMaxMs: 3_600_000,
  /** Seven days: nothing periodic may be rarer. A timer of more than 2^31 ms (25 days) would fire at once. */
  longestMs: 7 * 24 * 3_600_000,
} as const;

/** The largest frame either side accepts from a WebSocket (`maxPayload`). */
export const MAX_FRAME_BYTES = LIMITS.headerBytes + 1 + LIMITS.resultBytes;
