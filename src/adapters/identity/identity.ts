// The node's key, made once and kept for life. Only signatures leave this room.
import type { NodeSigner } from '../../protocol/signer.js';

export interface Identity {
  /** Checksummed EVM address: the node id. */
  readonly nodeId: string;
  /** Uncompressed public key, `0x04…`, 65 bytes. */
  readonly publicKey: string;
  readonly signer: NodeSigner;
}

export interface IdentityStore {
  /** Whether the key file is there, without opening it. */
  exists(): boolean;
  /** @throws IdentityError with code and advice: wrong passphrase, unreadable, foreign owner, bad permissions, not a keystore */
  open(passphrase: string): Promise<Identity>;
  /**
   * Makes the key: exclusive create, 0600, fsync, read back and decrypt before it is returned.
   * @throws IdentityError when a key exists already
   */
  create(passphrase: string): Promise<Identity>;
}
