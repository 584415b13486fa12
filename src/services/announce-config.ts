// Tells the network what became of its snapshot. Offline it says nothing: the next heartbeat carries the digest.
import { fromPromise } from 'xstate';
import type { Clock } from '../adapters/host/clock.js';
import type { Failure } from '../errors.js';
import type { ConfigSyncContext } from '../machines/config-sync-machine.js';
import type { ConfigRef } from '../protocol/messages/session.js';
import type { ConfigInForce } from './config-in-force.js';
import type { OutboundLane } from './outbound-lane.js';

export const announceConfig = ({
  lane,
  config: inForce,
  clock,
}: {
  readonly lane: OutboundLane;
  readonly config: ConfigInForce;
  readonly clock: Clock;
}) =>
  fromPromise<void, { config: ConfigRef; outcome: ConfigSyncContext['outcome']; failure: Failure | null }>(
    async ({ input }) => {
      const { config, outcome, failure } = input;
      if (outcome !== 'applied' && outcome !== 'rejected' && outcome !== 'rolled_back') return;
      const nowMs = clock.monotonicMs();
      const tookMs = Math.round(nowMs - (inForce.candidate.fetchedMonotonicMs ?? nowMs));
      const code = failure?.code.toLowerCase();
      lane.send('config.applied', {
        ...config,
        outcome,
        ...(code === undefined ? {} : { code }),
        duration_ms: tookMs,
      });
    },
  );
