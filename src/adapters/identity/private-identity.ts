// From a private key to an identity that cannot give it back: the key lives in the signer's closure alone.
import { publicKeyOfPrivate } from '../../protocol/signature.js';
import { createSigner } from '../../protocol/signer.js';
import type { Identity } from './identity.js';

/** @param privateKey 32 bytes as `0x` hex; the caller keeps no copy */
export const identityOf = (privateKey: string): Identity => {
  const publicKey = publicKeyOfPrivate(privateKey);
  // Only a node's side of signing: the key signs no texts and no network's statements.
  const { address, signEnvelope, signReceipt } = createSigner(privateKey);
  return Object.freeze({
    nodeId: address,
    publicKey,
    signer: Object.freeze({ address, signEnvelope, signReceipt }),
  });
};
