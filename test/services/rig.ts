// What the tests of services share: a network's room, a logger that remembers, an actor that runs one service.
import { pino } from 'pino';
import { type AnyActorLogic, type AnyEventObject, createActor, createMachine } from 'xstate';
import { NETWORK, ROOT } from '../../scripts/vectors/samples.js';
import type { Clock } from '../../src/adapters/host/clock.js';
import type { NetworkState } from '../../src/adapters/state/network-state.js';
import type { JoinedNetwork } from '../../src/services/membership.js';
import { createNetworkTime, type NetworkTime } from '../../src/services/network-time.js';

const unexpected = (what: string): never => {
  throw new Error(`this service does not touch ${what}`);
};

interface KnownNetwork {
  readonly network: JoinedNetwork['id'];
  readonly root: JoinedNetwork['root'];
  readonly reports: JoinedNetwork['reports'];
}

/** A joined network whose other records nobody may ask for. */
export const joinedNetwork = (
  state?: NetworkState,
  { network = NETWORK, root = ROOT, reports }: Partial<KnownNetwork> = {},
): JoinedNetwork => ({
  id: network,
  root,
  socketUrl: 'wss://network.example/v1/nodes/ws',
  get state() {
    return state ?? unexpected('the state');
  },
  get journal() {
    return unexpected('the journal');
  },
  get reports() {
    return reports ?? unexpected('the reports');
  },
});

/** A network has said that it is as late as this clock says. */
export const timeToldBy = (clock: Clock): NetworkTime => {
  const time = createNetworkTime(clock);
  time.heard(clock.nowMs());
  return time;
};

/** A logger and every line it wrote. */
export const rememberingLogger = () => {
  const lines: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  return { logger, lines };
};

/** Runs a service under a parent that writes down every event it is sent. */
export const runService = (logic: AnyActorLogic, input?: object) => {
  const events: AnyEventObject[] = [];
  const parent = createMachine({
    invoke: { id: 'service', src: logic, input: input ?? {} },
    on: { '*': { actions: ({ event }) => void events.push(event) } },
  });
  const actor = createActor(parent).start();
  return { events, stop: () => void actor.stop() };
};
