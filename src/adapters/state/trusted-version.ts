// Which version a configuration kept on disk has, if the network this node has pinned really signed it: a lost version
// floor can be made anew from it without trusting anybody.
import { LIMITS } from '../../protocol/limits.js';
import { verifyDocument } from '../../protocol/signed-document.js';
import { readTrustRoot } from '../../protocol/trust-root.js';

/** @returns undefined where there is nothing to believe */
export const trustedVersion = (
  account: { readonly root: string; readonly genesis: string } | null,
  document: Uint8Array | undefined,
): number | undefined => {
  if (account === null || document === undefined) return undefined;
  try {
    const { root, network } = readTrustRoot(Buffer.from(account.root), account.genesis);
    const expected = { kind: 'config', role: 'config', maxBytes: LIMITS.configBytes } as const;
    return verifyDocument(document, network, root, expected).header.n;
  } catch {
    return undefined;
  }
};
