// The port of the network's page. A network without its page is still a network: a port that is taken or a token that
// cannot be used is said and lived with.
import type { Logger } from 'pino';
import { NodeError, toFailure } from '../../errors.js';
import { loadOrCreatePageToken } from '../../pages/page-token.js';
import { type BoundPort, bindPort, isAnyAddress } from './bind-port.js';
import type { CheckedOptions } from './network-options.js';
import type { NetworkPaths } from './network-paths.js';

export interface PagePort {
  readonly bound: { readonly port: BoundPort; readonly token: string } | undefined;
  /** For whoever asks where the page is. */
  readonly shown: {
    readonly url: string | null;
    readonly reason: string | null;
    readonly advice: string | null;
  };
}

const FLAGS = { host: '--page-host', port: '--page-port' };
const LAST_PORT = 65_535;

export const bindPagePort = async (
  { pageHost, pagePort, port }: CheckedOptions,
  paths: NetworkPaths,
  logger: Logger,
): Promise<PagePort> => {
  if (pagePort === null) {
    return absent('the network was started without it', 'Start the network without --no-page.');
  }
  try {
    const token = await loadOrCreatePageToken(paths.pageToken);
    const bound = await bindPort(pageHost, pagePort ?? besides(port), FLAGS);
    if (isAnyAddress(pageHost)) {
      logger.warn(
        { event: 'page.exposed', host: pageHost },
        'the page can be reached from other machines: only a container that publishes it to loopback should do that',
      );
    }
    return { bound: { port: bound, token }, shown: { url: `${bound.url}/`, reason: null, advice: null } };
  } catch (caught) {
    if (!(caught instanceof NodeError)) throw caught;
    const { code, message, advice } = toFailure(caught);
    logger.warn({ event: 'page.absent', code, advice }, `the network runs without its page: ${message}`);
    return absent(message, advice ?? null);
  }
};

const absent = (reason: string, advice: string | null): PagePort => ({
  bound: undefined,
  shown: { url: null, reason, advice },
});

/** The one after the network's own; any that is free where that is so for the network, or there is none after it. */
const besides = (port: number): number => (port === 0 || port === LAST_PORT ? 0 : port + 1);
