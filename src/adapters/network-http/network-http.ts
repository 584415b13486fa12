// The HTTP half of the network as the node sees it. Signing happens in the services; this port carries bytes and shapes.
import type { BindOffer, NetworkInfo, NodeStanding, ReportProgress } from '../../protocol/http.js';

/**
 * Every method throws NetworkRefusedError (with the network's own words), NetworkUnreachableError,
 * NetworkMalformedError, or the signal's reason.
 */
export interface NetworkHttp {
  info(signal: AbortSignal): Promise<NetworkInfo>;
  /** The trust root's exact bytes. */
  root(signal: AbortSignal): Promise<Uint8Array>;
  challenge(signal: AbortSignal): Promise<{ readonly nonce: string }>;
  /** @param frame a signed request of kind `register` */
  register(node: string, frame: Uint8Array, signal: AbortSignal): Promise<NodeStanding>;
  /** Kind `standing.get`. */
  standing(node: string, frame: Uint8Array, signal: AbortSignal): Promise<NodeStanding>;
  /** Kind `bind.start`. */
  startBinding(node: string, frame: Uint8Array, signal: AbortSignal): Promise<BindOffer>;
  /** Kind `bind.finish`. */
  finishBinding(node: string, frame: Uint8Array, signal: AbortSignal): Promise<NodeStanding>;
  /** The signed config document, or `unchanged` when the held digest is current (If-None-Match → 304). */
  config(held: string | null, signal: AbortSignal): Promise<Uint8Array | 'unchanged'>;
  /** Kind `report.manifest`; answers how many bytes the network already holds. */
  openReport(frame: Uint8Array, signal: AbortSignal): Promise<ReportProgress>;
  /**
   * Sends a piece at `offset`; the last one is answered with the signed receipt document. It may be empty, where the
   * network holds all bytes and only the receipt is missing. Where the network holds another offset it answers that.
   */
  sendReport(
    report: string,
    offset: number,
    piece: Uint8Array,
    signal: AbortSignal,
  ): Promise<ReportProgress | Uint8Array>;
}
