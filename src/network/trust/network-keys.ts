// The keys a network speaks with, and the root that lists them.
import type { NetworkId } from '../../protocol/network-id.js';
import type { NetworkSigner } from '../../protocol/signer.js';
import type { TrustRoot } from '../../protocol/trust-root.js';

export interface NetworkKeys {
  readonly network: NetworkId;
  readonly root: TrustRoot;
  /** The root document's exact bytes, served as they are. */
  readonly rootBytes: Uint8Array;
  /** Greetings, welcomes, acknowledgements, report receipts. */
  readonly online: NetworkSigner;
  /** Config snapshots. */
  readonly config: readonly NetworkSigner[];
}
