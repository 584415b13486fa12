// The engine that does the work, and what keeps it from it.
import type { NodeStatus } from '../../../src/console/node-view.js';
import { Badge } from '../../look/badge.js';
import { Card } from '../../look/card.js';
import { ahead } from '../../look/durations.js';
import { Facts } from '../../look/facts.js';
import { Notice } from '../../look/notice.js';
import { ActionButton } from '../orders/action-button.js';
import { toneOfRuntime } from '../words/tones.js';
import type { OverviewFacts } from './overview-facts.js';

/** States in which it has been given up on, or waits. */
const STUCK: ReadonlySet<string> = new Set(['quarantined', 'backingOff']);

const RetryRuntime = ({ node }: Pick<OverviewFacts, 'node'>) => (
  <ActionButton
    label="Start again"
    title="Start the Runtime again"
    text="What failed before is forgotten, and the Runtime is started at once. Do this after you have mended what was wrong."
    confirm="Start again"
    act={async () => {
      const { retried, state } = await node.api.retryRuntime();
      return retried
        ? 'The Runtime is started again.'
        : `The Runtime is ${state}: there is nothing to start again.`;
    }}
  />
);

const RuntimeTrouble = ({ runtime }: { readonly runtime: NodeStatus['runtime'] }) => {
  const { failure, state, doubt, behind } = runtime;
  return (
    <>
      {failure === null ? null : (
        <Notice
          tone={state === 'ready' ? 'idle' : 'bad'}
          title={state === 'ready' ? `Overcome: ${failure.message}` : failure.message}
          code={failure.code}
          advice={state === 'ready' ? undefined : failure.advice}
        />
      )}
      {doubt == null ? null : <Notice tone="warn" title={`Suspect: ${doubt}`} />}
      {behind == null ? null : (
        <Notice
          tone="warn"
          title={`It serves the configuration before: ${behind.message}`}
          code={behind.code}
          advice={behind.advice}
        />
      )}
      {runtime.controlled === false ? (
        <Notice
          tone="warn"
          title="The container engine does not answer; the Runtime in it goes on serving."
        />
      ) : null}
    </>
  );
};

export const RuntimeCard = ({ node, status, nowMs }: OverviewFacts) => {
  const { runtime } = status;
  return (
    <Card
      title="Runtime"
      class="span-4"
      aside={
        <span data-fact="runtime">
          <Badge tone={toneOfRuntime(runtime.state)}>{runtime.state}</Badge>
        </span>
      }
    >
      <Facts
        facts={[
          ['Engine', runtime.engine],
          ['Version', runtime.version],
          ['Driver', runtime.driver],
          ['Restarts', String(runtime.restarts)],
          ['Starts again', runtime.retryAtMs == null ? null : `by itself ${ahead(runtime.retryAtMs, nowMs)}`],
        ]}
      />
      <RuntimeTrouble runtime={runtime} />
      {STUCK.has(runtime.state) || runtime.behind != null ? (
        <div>
          <RetryRuntime node={node} />
        </div>
      ) : null}
    </Card>
  );
};
