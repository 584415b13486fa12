// What the network orders in a session: a known verb becomes an event, which is answered once it is carried out; any other
// is answered here, and the session goes on.
import type { Logger } from 'pino';
import type { Clock } from '../adapters/host/clock.js';
import type { SessionNews } from '../machines/link-machine.js';
import { type AdminCommand, orderVerb } from '../protocol/messages/orders.js';
import type { NetworkTime } from './network-time.js';
import type { OutboundLane } from './outbound-lane.js';

export interface TakeCommandParts {
  readonly lane: Pick<OutboundLane, 'send'>;
  readonly clock: Clock;
  readonly time: NetworkTime;
  readonly logger: Logger;
}

/** @returns undefined when it has been answered already */
export const takeCommand = (
  { lane, clock, time, logger }: TakeCommandParts,
  { id, verb, note, until_ms }: AdminCommand,
): SessionNews | undefined => {
  const known = orderVerb.safeParse(verb);
  if (!known.success) {
    logger.warn(
      { event: 'command.unsupported', command: id, verb },
      `the network orders '${verb}': not known here`,
    );
    lane.send('admin.result', { id, outcome: 'unsupported', reason: 'unknown_verb' });
    return undefined;
  }
  const request = {
    id,
    verb: known.data,
    by: 'network',
    note: note ?? null,
    atMs: clock.nowMs(),
    // Said in the network's time, kept in the host's: it is what its owner reads, and what holds over a restart.
    untilMs: until_ms === undefined ? null : until_ms - time.nowMs() + clock.nowMs(),
  } as const;
  return { type: 'order.given', request };
};
