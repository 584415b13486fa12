// Waits until an order is carried out: no job is left, and where the node is paused the GPU is free.
import { setTimeout as delay } from 'node:timers/promises';
import type { ControlClient } from '../../console/control-client.js';
import type { OrderView } from '../../console/order-view.js';
import { NodeError } from '../../errors.js';
import type { CommandIo } from '../output.js';
import { showProgress } from '../progress.js';
import { isCarriedOut, orderSentence } from './order-words.js';

/** Somebody else gave another order, or its time was over before it was carried out. */
class OrderSupersededError extends NodeError {
  readonly code = 'ORDER_SUPERSEDED';
  readonly retryable = false;
}

/** The command was told to stop. */
class WaitEndedError extends NodeError {
  readonly code = 'WAIT_ENDED';
  readonly retryable = false;
}

const LOOK_EVERY_MS = 250;

/**
 * @returns the order as it is at last
 * @throws OrderSupersededError, WaitEndedError, DaemonNotRunningError
 */
export const awaitOrder = async (
  io: CommandIo,
  daemon: Pick<ControlClient, 'status'>,
  given: OrderView,
  isShown: boolean,
): Promise<OrderView> => {
  const progress = showProgress(io, isShown);
  try {
    let order = given;
    for (;;) {
      progress.say(orderSentence(order, Date.now()));
      if (isCarriedOut(order)) return order;
      await delay(LOOK_EVERY_MS, undefined, { signal: io.signal }).catch(() => {
        throw new WaitEndedError('no longer waited for; the order stays in force', {
          advice: 'See how far it is with `resultity-node status`, or lift it with `resultity-node resume`.',
        });
      });
      const now = (await daemon.status()).order ?? null;
      if (now === null || now.kind !== given.kind) {
        throw new OrderSupersededError(
          now === null
            ? 'the order was lifted, or its time was over, before it was carried out'
            : `another order has taken its place: ${now.kind}`,
          { advice: 'Look at `resultity-node status`, then give the order again if it is still wanted.' },
        );
      }
      order = now;
    }
  } finally {
    progress.end();
  }
};
