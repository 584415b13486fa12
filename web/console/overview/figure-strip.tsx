// The few figures an owner looks for first.
import type { ComponentChildren } from 'preact';
import { bytes, rate, whole } from '../../look/amounts.js';
import { duration } from '../../look/durations.js';
import { newest } from '../charts/samples.js';
import type { OverviewFacts } from './overview-facts.js';

interface FigureProps {
  readonly name: string;
  /** Finds it on the page. */
  readonly fact: string;
  readonly value: string;
  readonly more?: ComponentChildren;
}

const Figure = ({ name, fact, value, more }: FigureProps) => (
  <div>
    <dt>{name}</dt>
    <dd>
      <span data-fact={fact}>{value}</span> {more === undefined ? null : <small>{more}</small>}
    </dd>
  </div>
);

export const FigureStrip = ({ node, status }: OverviewFacts) => {
  const samples = node.feed.samples.value;
  const speed = newest(samples, ({ tokensPerSecond }) => tokensPerSecond);
  const first = newest(samples, ({ firstTokenMs }) => firstTokenMs);
  const before = node.lines.value.find(({ firstTokenMs }) => firstTokenMs !== null)?.firstTokenMs ?? null;
  const shown = first ?? before;
  const { jobs, journal } = status;
  return (
    <dl class="figures" aria-label="Figures">
      <Figure name="Output" fact="speed" value={speed === null ? '–' : rate(speed)} more="tokens/s" />
      <Figure
        name="First token"
        fact="first-token"
        value={shown === null ? '–' : duration(shown)}
        more="latest"
      />
      <Figure
        name="Running"
        fact="running"
        value={whole(jobs.running)}
        more={`of ${whole(jobs.slots)} slots`}
      />
      <Figure
        name="Queued"
        fact="queued"
        value={whole(jobs.queued)}
        more={`of ${whole(jobs.credits)} credits`}
      />
      <Figure name="Outbox" fact="outbox" value={whole(jobs.outbox)} more="results to deliver" />
      <Figure
        name="Journal"
        fact="journal"
        value={journal == null ? '–' : whole(journal.results)}
        more={journal == null ? 'no network joined' : `results, ${bytes(journal.bytes)}`}
      />
    </dl>
  );
};
