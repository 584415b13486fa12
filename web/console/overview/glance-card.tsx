// What the node does now, why it gets no jobs, and what its owner can order.
import { counted } from '../../look/amounts.js';
import { Card } from '../../look/card.js';
import { duration } from '../../look/durations.js';
import { Words } from '../../look/words.js';
import { OwnerOrders } from '../orders/owner-orders.js';
import { orderWords } from '../words/order-words.js';
import { toneOfStage } from '../words/tones.js';
import type { OverviewFacts } from './overview-facts.js';

const whyOf = ({ status, nowMs }: OverviewFacts): string => {
  if (status.order != null) return orderWords(status.order, nowMs);
  if (status.idleReason === status.stage) return 'It gets no jobs.';
  if (status.idleReason !== null) return `It gets no jobs: ${status.idleReason}.`;
  return status.stage === 'executing' ? 'It works on jobs.' : 'Nothing stands in the way of jobs.';
};

/** What the stage rests on, in one line. */
const restsOn = ({ status, nowMs }: OverviewFacts): readonly (readonly [name: string, value: string])[] => {
  const { models, runtime, network } = status;
  const active = models.filter(({ state }) => state === 'active').length;
  return [
    ['Network', network.connected ? 'connected' : 'not connected'],
    ['Runtime', `${runtime.engine} ${runtime.state}`],
    ['Models', `${active} of ${counted(models.length, 'model')} active`],
    ['Up', duration(nowMs - status.startedMs)],
  ];
};

export const GlanceCard = (facts: OverviewFacts) => {
  const { node, status } = facts;
  return (
    <Card title="This node" class="span-8">
      <div class="stage">
        <div aria-live="polite">
          <p class={`stage-word tone-${toneOfStage(status.stage)}`}>
            <span class="stage-light" />
            <span data-fact="stage">{status.stage}</span>
          </p>
          <p class="stage-why" data-fact="why">
            <Words text={whyOf(facts)} />
          </p>
        </div>
        <OwnerOrders node={node} status={status} />
      </div>
      <dl class="rests-on">
        {restsOn(facts).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
};
