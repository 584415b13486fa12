// Stands between one node and its seat at the daemon's one Runtime: turns installed models into the wanted spec, and what
// the seat has of the Runtime into news for the node.
import { fromCallback } from 'xstate';
import type { RuntimeSpec } from '../adapters/runtime/runtime-driver.js';
import type { NodeEvent, RuntimeOrder } from '../machines/node/node-events.js';
import type { RuntimeSeat } from './runtime-seat.js';

export interface AttachRuntimeParts {
  readonly seat: RuntimeSeat;
  /** The spec wanted now; undefined for none. */
  readonly choose: () => RuntimeSpec | undefined;
  /** Changes of several models within so many milliseconds make one new spec. */
  readonly settleMs: number;
}

export const attachRuntime = ({ seat, choose, settleMs }: AttachRuntimeParts) =>
  fromCallback<RuntimeOrder, undefined>(({ sendBack, receive }) => {
    const report: (event: NodeEvent) => void = sendBack;
    let isSuspended = false;
    let isServing = false;
    let settling: NodeJS.Timeout | undefined;
    /** As the node knows it; JSON. */
    let givenUp: string | undefined;
    let isTaken = false;

    const want = (): void => {
      settling = undefined;
      seat.want(isSuspended ? undefined : choose());
      // A model that is listed or tried anew has not heard of it.
      tellHope('again');
    };

    /** While the wish may be about to change, nothing is said of the last one. */
    const tellHope = (again?: 'again'): void => {
      if (settling !== undefined) return;
      const { taken, givenUp: found } = seat.view();
      const told = givenUp;
      const wasTaken = isTaken;
      givenUp = found && JSON.stringify(found);
      isTaken = taken !== undefined;
      const isBack = (wasTaken && !isTaken) || (told !== undefined && found === undefined);
      if (isBack && !isTaken) report({ type: 'runtime.takenUp' });
      if (taken !== undefined && (again || !wasTaken)) report({ type: 'runtime.taken', failure: taken });
      if (found !== undefined && (again || givenUp !== told)) report({ type: 'runtime.givenUp', ...found });
    };

    const follow = (): void => {
      const { served } = seat.view();
      if (served !== undefined && !isServing) report({ type: 'runtime.ready', models: served });
      if (served === undefined && isServing) report({ type: 'runtime.lost' });
      isServing = served !== undefined;
      tellHope();
    };
    const unfollow = seat.follow(follow);
    follow();

    receive((order) => {
      switch (order.type) {
        case 'models.changed':
          settling ??= setTimeout(want, settleMs);
          break;
        case 'jobs.changed':
          seat.rest(order.load.busy === 0);
          break;
        case 'serving.suspended':
          isSuspended = true;
          want();
          seat.free();
          break;
        case 'serving.resumed':
          isSuspended = false;
          want();
          break;
        default:
      }
    });

    return () => {
      clearTimeout(settling);
      unfollow();
      // A node that halted must not keep its owner's GPU, nor what another network could use.
      seat.leave();
    };
  });
