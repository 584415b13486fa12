// The GPUs, as the last sample has them.
import type { Sample } from '../../../src/console/feed/feed-messages.js';
import { bytes, percent } from '../../look/amounts.js';
import { Card } from '../../look/card.js';
import { EmptyState } from '../../look/empty-state.js';
import type { OverviewFacts } from './overview-facts.js';

type Gpu = Sample['gpus'][number];

/** Above it an owner should look. */
const HIGH = 0.95;

const Meter = ({
  name,
  words,
  share,
}: {
  readonly name: string;
  readonly words: string;
  readonly share: number;
}) => (
  <div class="meter-row">
    <span>
      <span class="quiet">{name}</span> <span>{words}</span>
    </span>
    <svg
      class={`meter${share > HIGH ? ' meter-high' : ''}`}
      viewBox="0 0 100 1"
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <rect width={Math.min(100, 100 * share)} height="1" />
    </svg>
  </div>
);

const GpuLines = ({ gpu }: { readonly gpu: Gpu }) => (
  <li class="gpu">
    <h3>{gpu.name}</h3>
    {gpu.usedBytes === null || gpu.totalBytes === null ? null : (
      <Meter
        name="Memory"
        words={`${bytes(gpu.usedBytes)} of ${bytes(gpu.totalBytes)}`}
        share={gpu.totalBytes === 0 ? 0 : gpu.usedBytes / gpu.totalBytes}
      />
    )}
    {gpu.utilisation === null ? null : (
      <Meter name="Load" words={percent(gpu.utilisation)} share={gpu.utilisation} />
    )}
    {gpu.celsius === null ? null : (
      <p class="meter-row">
        <span>
          <span class="quiet">Temperature</span> <span>{Math.round(gpu.celsius)} °C</span>
        </span>
      </p>
    )}
  </li>
);

export const GpuCard = ({ node }: OverviewFacts) => {
  const gpus = node.feed.samples.value.at(-1)?.gpus ?? [];
  return (
    <Card title="GPU" class="span-3">
      {gpus.length === 0 ? (
        <EmptyState title="No GPU seen">
          Whether one should be: <code>resultity-node doctor</code>.
        </EmptyState>
      ) : (
        <ul>
          {gpus.map((gpu, index) => (
            // Two cards of the same model have the same name; their order is the driver's.
            <GpuLines key={index} gpu={gpu} />
          ))}
        </ul>
      )}
    </Card>
  );
};
