// The network's trust root: which keys may speak for it in which role. The digest of the first one is the network's
// genesis; a node pins it once and refuses any other.
import { z } from 'zod';
import { parseBoundedJson } from './bounded-json.js';
import { digestOf } from './digest.js';
import { LIMITS } from './limits.js';
import type { NetworkId } from './network-id.js';
import { address, type Digest, millis, networkName } from './primitives.js';
import { ProtocolError } from './protocol-error.js';

const role = z
  .object({ keys: z.array(address).min(1).max(16), threshold: z.number().int().min(1).max(16) })
  .refine(
    ({ keys, threshold }) => new Set(keys.map((key) => key.toLowerCase())).size >= threshold,
    'more signatures are asked for than there are different keys',
  );

export const trustRoot = z.object({
  kind: z.literal('root'),
  network: networkName,
  chain_id: z.number().int().min(1),
  version: z.literal(1),
  issued_ms: millis,
  roles: z.object({ online: role, config: role }),
});
export type TrustRoot = z.infer<typeof trustRoot>;

/**
 * @param bytes the root document's exact bytes
 * @param pinned the genesis digest the owner pinned, or was pinned at first contact
 * @throws ProtocolError `network_mismatch` for another root, `malformed`
 */
export const readTrustRoot = (
  bytes: Uint8Array,
  pinned: Digest | undefined,
): { readonly root: TrustRoot; readonly network: NetworkId } => {
  const genesis = digestOf(bytes);
  if (pinned !== undefined && genesis !== pinned) {
    throw new ProtocolError(
      'network_mismatch',
      `this network's trust root is ${genesis}, not the pinned ${pinned}`,
      {
        advice:
          'The URL leads to another network, or its root was replaced. Check both with the network before going on.',
      },
    );
  }
  const parsed = trustRoot.safeParse(parseBoundedJson(bytes, { maxBytes: LIMITS.rootBytes }));
  if (!parsed.success) throw new ProtocolError('malformed', `trust root: ${z.prettifyError(parsed.error)}`);
  const { network, chain_id } = parsed.data;
  return { root: parsed.data, network: { name: network, chainId: chain_id, genesis } };
};
