// The owner's orders to the whole node: those that make sense now.
import { useSignal } from '@preact/signals';
import type { NodeStatus } from '../../../src/console/node-view.js';
import { Button } from '../../look/button.js';
import type { NodeAccess } from '../shell/node-access.js';
import { OrderDialog, type OrderVerb } from './order-dialog.js';

const LABELS: Readonly<Record<OrderVerb, string>> = { drain: 'Drain', pause: 'Pause', resume: 'Resume' };

/** What can be ordered while this holds; an order in one network alone is lifted here as well. */
const verbsOf = ({ order, networks = [] }: NodeStatus): readonly OrderVerb[] => {
  const holds = order ?? networks.find((one) => one.order != null)?.order ?? null;
  if (holds === null) return ['drain', 'pause'];
  return holds.kind === 'drain' ? ['resume', 'pause'] : ['resume', 'drain'];
};

export const OwnerOrders = ({ node, status }: { readonly node: NodeAccess; readonly status: NodeStatus }) => {
  const asked = useSignal<OrderVerb | null>(null);
  return (
    <fieldset class="owner-orders">
      <legend class="unseen">Orders to this node</legend>
      {verbsOf(status).map((verb) => (
        <Button
          key={verb}
          kind={verb === 'resume' ? 'primary' : 'plain'}
          aria-haspopup="dialog"
          onClick={() => {
            asked.value = verb;
          }}
        >
          {LABELS[verb]}
        </Button>
      ))}
      {asked.value === null ? null : (
        <OrderDialog
          verb={asked.value}
          node={node}
          onClose={() => {
            asked.value = null;
          }}
        />
      )}
    </fieldset>
  );
};
