// The HTTP half of the network as the node sees it. Signing happens in the services; this port carries bytes and shapes.
import type { BindOffer, NetworkInfo, NodeStanding, Problem, ReportProgress } from '../../protocol/http.js';

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
  /** Sends a piece at `offset`; the last one is answered with the signed receipt document. */
  sendReport(
    report: string,
    offset: number,
    piece: Uint8Array,
    signal: AbortSignal,
  ): Promise<ReportProgress | Uint8Array>;
}

/** What the errors of this port carry in `details`: the network's own words, where it had any. */
export type NetworkRefusalDetails = Partial<Problem>;
