// Deadlines as absolute times: a machine that is entered again after a restart does not start its wait over.
import { fromCallback, fromPromise } from 'xstate';
import type { Clock } from '../adapters/host/clock.js';
import type { JobEvent } from '../machines/job/job-events.js';
import type { NetworkTime } from './network-time.js';

/** Longest delay a Node timer takes; longer ones would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

const watch = (leftMs: () => number, passed: () => void): (() => void) => {
  let timer: NodeJS.Timeout;
  const wait = (): void => {
    const left = leftMs();
    if (left <= 0) passed();
    else timer = setTimeout(wait, Math.min(left, MAX_TIMER_MS));
  };
  timer = setTimeout(wait, 0);
  return () => clearTimeout(timer);
};

/** The end of execution, by the monotonic clock. */
export const watchDeadline = (clock: Clock) =>
  fromCallback<JobEvent, { atMonotonicMs: number }>(({ input, sendBack }) =>
    watch(
      () => input.atMonotonicMs - clock.monotonicMs(),
      () => sendBack({ type: 'deadline.passed' }),
    ),
  );

/** The end of an order to drain or pause, by the monotonic clock. */
export const awaitOrderEnd = (clock: Clock) =>
  fromPromise<void, { atMonotonicMs: number }>(
    ({ input, signal }) =>
      new Promise((resolve) => {
        const leave = watch(() => input.atMonotonicMs - clock.monotonicMs(), resolve);
        signal.addEventListener('abort', leave, { once: true });
      }),
  );

/** The end of the outbox time, which outlives the process. Before the network has told the time nothing is given up. */
export const watchOutbox = (time: NetworkTime) =>
  fromCallback<JobEvent, { atEpochMs: number }>(({ input, sendBack }) => {
    let end: (() => void) | undefined;
    let isOver = false;
    void time.known.then(() => {
      if (isOver) return;
      end = watch(
        () => input.atEpochMs - time.nowMs(),
        () => sendBack({ type: 'outbox.expired' }),
      );
    });
    return () => {
      isOver = true;
      end?.();
    };
  });
