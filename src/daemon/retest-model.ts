// The owner's order to test a model again: it goes to the node of the network that lists the model.
import type { RetestAnswer, RetestOrder } from '../console/node-view.js';
import { NodeError } from '../errors.js';
import type { OwnNode } from './assemble-node.js';

/** No network of this node lists such a model. */
class ModelUnlistedError extends NodeError {
  readonly code = 'MODEL_UNLISTED';
  readonly retryable = false;
}

type Tending = Pick<OwnNode, 'url' | 'actor' | 'view'>;

/** States in which a test can be asked for: in the others one is under way, waits, or is not wanted. */
const CAN_BE_TESTED: ReadonlySet<string> = new Set(['active', 'failed']);

/** @throws NodeError when no network, or not the one named, lists it */
export const retestModel = (nodes: readonly Tending[], { digest, network }: RetestOrder): RetestAnswer => {
  for (const { actor, view } of nodes) {
    if (network !== undefined && !view.isCalled(network)) continue;
    const model = actor.getSnapshot().context.models.find((one) => one.digest === digest);
    if (model === undefined) continue;
    const { state } = model;
    const retested = CAN_BE_TESTED.has(state);
    if (retested) actor.send({ type: 'model.retested', digest });
    return { retested, state };
  }
  throw new ModelUnlistedError('no configuration in force lists this model', {
    advice: '`resultity-node models` shows those that are listed.',
    details: { digest },
  });
};
