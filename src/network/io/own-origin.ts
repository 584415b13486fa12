// Whether an origin a node says it dialled is ours. A relay under another name must not be able to use the answer, so
// the Host header counts only where it names the very address the connection arrived at, or where it is trusted.
import type { Dialled } from './socket-port.js';

export interface OwnOrigins {
  /** e.g. `wss://io.resultity.com`, without a path. */
  readonly origins: readonly string[];
  /** The Host header is set by a proxy of ours: what it names is ours. Off by default. */
  readonly trustHost: boolean;
}

export const isOwnOrigin = (audience: string, own: OwnOrigins, dialled: Dialled): boolean => {
  const claimed = originOf(audience);
  if (claimed === undefined) return false;
  if (own.origins.some((one) => originOf(one) === claimed)) return true;
  if (dialled.host === undefined) return false;
  const byHost = ['ws', 'wss'].some((scheme) => originOf(`${scheme}://${dialled.host}`) === claimed);
  return byHost && (own.trustHost || namesLocalEnd(claimed, dialled));
};

/** Scheme, host and port in one form: lower case, default port left out. */
const originOf = (text: string): string | undefined => {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const scheme = url.protocol.replace(/^http/, 'ws');
  return `${scheme}//${url.host}`;
};

const LOOPBACK = /^(?:127(?:\.\d+){3}|::1)$/;

const namesLocalEnd = (origin: string, { localAddress, localPort }: Dialled): boolean => {
  if (localAddress === undefined) return false;
  const url = new URL(origin);
  const port = url.port === '' ? (url.protocol === 'wss:' ? 443 : 80) : Number(url.port);
  if (port !== localPort) return false;
  const here = localAddress.replace(/^::ffff:/, '');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return host === here || (host === 'localhost' && LOOPBACK.test(here));
};
