// What the node does now, why it gets no jobs, and what its owner can order.
import { Card } from '../../look/card.js';
import { OwnerOrders } from '../orders/owner-orders.js';
import { orderWords } from '../words/order-words.js';
import { toneOfStage } from '../words/tones.js';
import type { OverviewFacts } from './overview-facts.js';

const whyOf = ({ status, nowMs }: OverviewFacts): string => {
  if (status.order != null) return orderWords(status.order, nowMs);
  if (status.idleReason !== null) return `It gets no jobs: ${status.idleReason}.`;
  return status.stage === 'executing' ? 'It works on jobs.' : 'Nothing stands in the way of jobs.';
};

export const GlanceCard = (facts: OverviewFacts) => {
  const { node, status } = facts;
  return (
    <Card title="This node" class="span-8">
      <div class="stage">
        <div aria-live="polite">
          <p class={`stage-word tone-${toneOfStage(status.stage)}`} data-fact="stage">
            <span class="stage-light" />
            {status.stage}
          </p>
          <p class="stage-why" data-fact="why">
            {whyOf(facts)}
          </p>
        </div>
        <OwnerOrders node={node} status={status} />
      </div>
    </Card>
  );
};
