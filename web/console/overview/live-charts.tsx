// Output and time to the first token over the last minutes.
import { useComputed } from '@preact/signals';
import { rate } from '../../look/amounts.js';
import { Card } from '../../look/card.js';
import { duration } from '../../look/durations.js';
import { LineChart } from '../charts/line-chart.js';
import { newest, seriesOf } from '../charts/samples.js';
import type { FeedStore } from '../feed/feed-store.js';

export const LiveCharts = ({ feed }: { readonly feed: FeedStore }) => {
  const speed = useComputed(() =>
    seriesOf(feed.samples.value, ({ tokensPerSecond }) => tokensPerSecond),
  ).value;
  const first = useComputed(() => seriesOf(feed.samples.value, ({ firstTokenMs }) => firstTokenMs)).value;
  const nowSpeed = newest(feed.samples.value, ({ tokensPerSecond }) => tokensPerSecond) ?? 0;
  const nowFirst = newest(feed.samples.value, ({ firstTokenMs }) => firstTokenMs);
  return (
    <>
      <Card title="Output tokens per second" class="span-6">
        <LineChart
          label={`Output over the last five minutes; now ${rate(nowSpeed)} tokens per second`}
          points={speed}
          colour="--series-1"
          format={rate}
          least={10}
        />
      </Card>
      <Card title="Time to first token" class="span-6">
        <LineChart
          hasDots
          label={`Time to the first token over the last five minutes; ${nowFirst === null ? 'none yet' : `last ${duration(nowFirst)}`}`}
          points={first}
          colour="--series-2"
          format={duration}
          least={100}
        />
      </Card>
    </>
  );
};
