// The owner of a world's node: claims it for a wallet of its own, as `resultity-node claim` does.
import { randomBytes } from 'node:crypto';
import { openBinding } from '../../../src/daemon/bind-node.js';
import { openKey } from '../../../src/daemon/open-key.js';
import { createSigner } from '../../../src/protocol/signer.js';

export interface Claim {
  readonly dataDir: string;
  readonly passphraseFile: string;
  readonly networkUrl: string;
  readonly genesis: string;
}

export const claimNode = async ({ dataDir, passphraseFile, networkUrl, genesis }: Claim): Promise<void> => {
  const { signal } = new AbortController();
  const { identity } = await openKey({ dataDir, passphraseFile }, () => Promise.resolve(true));
  const owner = createSigner(`0x${randomBytes(32).toString('hex')}`);
  const binding = await openBinding({ identity, networkUrl, genesis }, signal);
  const offer = await binding.begin({ kind: 'wallet', address: owner.address }, signal);
  const signature = owner.signText(offer.message ?? '');
  await binding.finish(offer.binding, { kind: 'wallet', signature }, signal);
};
