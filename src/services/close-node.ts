// A clean end: goodbye to the network, with what is handed back.
import { fromPromise } from 'xstate';
import type { Attempt } from '../machines/job/job-events.js';
import type { OutboundLane } from './outbound-lane.js';

/** Milliseconds for the goodbye to leave before the socket is closed. */
const LINGER_MS = 50;

export const closeNode = (parts: {
  readonly lane: OutboundLane;
  readonly handedBack: () => readonly Attempt[];
}) =>
  fromPromise<void, undefined>(async () => {
    const { lane } = parts;
    if (lane.session === undefined) return;
    lane.send('goodbye', {
      reason: 'shutdown',
      jobs: parts
        .handedBack()
        .slice(0, 1000)
        .map(({ job, attempt }) => ({ job, attempt })),
    });
    await new Promise((resolve) => setTimeout(resolve, LINGER_MS));
  });
