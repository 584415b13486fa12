// Tells the network what became of its snapshot. Offline it says nothing: the next heartbeat carries the digest.
import { fromPromise } from 'xstate';
import type { Failure } from '../errors.js';
import type { ConfigSyncContext } from '../machines/config-sync-machine.js';
import type { ConfigRef } from '../protocol/messages/session.js';
import type { OutboundLane } from './outbound-lane.js';

export const announceConfig = ({ lane }: { readonly lane: OutboundLane }) =>
  fromPromise<void, { config: ConfigRef; outcome: ConfigSyncContext['outcome']; failure: Failure | null }>(
    async ({ input }) => {
      const { config, outcome, failure } = input;
      if (outcome !== 'applied' && outcome !== 'rejected' && outcome !== 'rolled_back') return;
      const code = failure?.code.toLowerCase();
      lane.send('config.applied', {
        ...config,
        outcome,
        ...(code === undefined ? {} : { code }),
        duration_ms: 0,
      });
    },
  );
