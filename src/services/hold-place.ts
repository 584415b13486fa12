// Holds a result's place in the outbox window from its turn until it is acknowledged, or the session is over.
import { fromCallback } from 'xstate';
import type { JobEvent, Sending } from '../machines/job/job-events.js';
import type { OutboxWindow } from './outbox-window.js';

export const holdPlace = (window: OutboxWindow) =>
  fromCallback<JobEvent, Sending>(({ input, sendBack }) =>
    window.enter(input, () => sendBack({ type: 'place.granted' })),
  );
