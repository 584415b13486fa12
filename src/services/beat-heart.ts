// Heartbeats: one at once, then at the interval the network asked for.
import { fromCallback } from 'xstate';
import type { LinkEvent } from '../machines/link-machine.js';
import type { Heartbeat } from '../protocol/messages/presence.js';
import type { OutboundLane } from './outbound-lane.js';
import { LinkDownError } from './service-errors.js';
import type { SessionFacts } from './session-facts.js';

export interface BeatHeartParts {
  readonly lane: OutboundLane;
  readonly facts: SessionFacts;
  readonly describe: () => Heartbeat;
  /** Called by the node when something the network schedules by has changed; returns how to stop listening. */
  readonly onNews: (beat: () => void) => () => void;
}

export const beatHeart = ({ lane, facts, describe, onNews }: BeatHeartParts) =>
  fromCallback<LinkEvent, undefined>(() => {
    const beat = (): void => {
      try {
        lane.send('heartbeat', describe());
      } catch (error) {
        // The session has just ended: its own event is on the way.
        if (!(error instanceof LinkDownError)) throw error;
      }
    };
    beat();
    const timer = setInterval(beat, facts.heartbeatMs);
    const forget = onNews(beat);
    return () => {
      clearInterval(timer);
      forget();
    };
  });
