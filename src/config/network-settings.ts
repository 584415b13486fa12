// Which networks a node takes part in, in the order in which their owner prefers them: by address alone, or each with
// the trust root it must have.
import { z } from 'zod';
import { type Digest, digest } from '../protocol/primitives.js';
import { about, url } from './config-key-meta.js';
import { httpBase } from './http-base.js';

/** Networks one node takes part in at most: each has its own session, journal and log. */
const MAX_NETWORKS = 4;

const networkUrl = url(['https:', 'wss:', 'http:', 'ws:']);

export const networkSettings = {
  networkUrl: z
    .array(networkUrl)
    .min(1)
    .max(MAX_NETWORKS)
    .optional()
    .meta(
      about({
        description: `Address of the network to join. Up to ${MAX_NETWORKS}, the one you prefer first.`,
        accepts:
          'an https://, wss://, http:// or ws:// URL without user name, password and fragment, or several',
        repeatable: true,
      }),
    ),
  networkGenesis: z
    .array(digest)
    .min(1)
    .max(MAX_NETWORKS)
    .optional()
    .meta(
      about({
        description:
          "Digest of the network's first trust root, to accept no other network at the first meeting; with several networks one for each, in their order.",
        accepts: '`sha256:` and 64 lower-case hex digits',
        repeatable: true,
      }),
    ),
  networks: z
    .array(z.union([networkUrl, z.strictObject({ url: networkUrl, genesis: digest.optional() })]))
    .min(1)
    .max(MAX_NETWORKS)
    .optional()
    .meta(
      about({
        description:
          'The same as a list of `{url, genesis}`, in place of networkUrl and networkGenesis; the genesis may be left out.',
        accepts: 'a list of URLs or of groups with url and genesis; in a variable or flag a JSON array',
      }),
    ),
};

export interface NetworkChoice {
  /** `https://…` or `http://…`, without a slash at its end. */
  readonly url: string;
  readonly genesis?: Digest;
}

type NetworkSettings = {
  readonly [Name in keyof typeof networkSettings]?: z.infer<(typeof networkSettings)[Name]>;
};

/** @returns the owner's networks, the preferred one first; empty where none is set */
export const networksOf = ({
  networkUrl: urls = [],
  networkGenesis: roots = [],
  networks,
}: NetworkSettings): readonly NetworkChoice[] => {
  const listed =
    networks ??
    urls.map((address, at) => ({ url: address, ...(roots[at] !== undefined && { genesis: roots[at] }) }));
  return listed.map((one) => {
    const { url: address, genesis } = typeof one === 'string' ? { url: one, genesis: undefined } : one;
    return Object.freeze({ url: httpBase(address), ...(genesis !== undefined && { genesis }) });
  });
};
