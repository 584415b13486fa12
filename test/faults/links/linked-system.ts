// A network and a node as real processes with bad weather between them.
import { atTheEnd } from '../../e2e/processes.js';
import { startWholeSystem, type WholeSystem, type WholeSystemOptions } from '../../e2e/whole-system.js';
import { type FaultProxy, startFaultProxy } from '../proxy/fault-proxy.js';

export interface LinkedSystem extends WholeSystem {
  readonly proxy: FaultProxy;
}

export interface LinkOptions extends Pick<WholeSystemOptions, 'tokensPerSecond' | 'slots'> {
  /** Between pings, and silence that is death; milliseconds. */
  readonly pings?: readonly [number, number];
}

/** @param name of the test: it seeds the weather */
export const startLinkedSystem = async (name: string, options: LinkOptions = {}): Promise<LinkedSystem> => {
  const { pings: [every, dead] = [1_000, 2_500], ...rest } = options;
  let port = 0;
  const proxy = await startFaultProxy(name, () => port);
  atTheEnd(proxy.close);
  const system = await startWholeSystem({
    ...rest,
    readyWithinMs: 120_000, // two cores, and other suites on them
    networkFlags: [
      ...['--public-origin', `ws://127.0.0.1:${proxy.port}`],
      ...['--ping-every', String(every), '--dead-after', String(dead)],
    ],
    reach: (network) => {
      port = network.port;
      return `http://127.0.0.1:${proxy.port}`;
    },
    amend: (draft) => ({
      ...draft,
      ttl: { ...draft.ttl, heartbeat_ms: 1_000, retry_base_ms: 100, retry_cap_ms: 1_000 },
    }),
  });
  return { ...system, proxy };
};
