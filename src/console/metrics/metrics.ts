// The node's metrics: one registry of its own, filled anew at each scrape and asked at most once a second.
import { Registry } from 'prom-client';
import { OPENMETRICS_TEXT, PROMETHEUS_TEXT, toOpenMetrics, wantsOpenMetrics } from './exposition.js';
import { register } from './family.js';
import { registerHistograms } from './histograms.js';
import { JOB_FAMILIES } from './job-families.js';
import { NODE_FAMILIES } from './node-families.js';
import { PROCESS_FAMILIES } from './process-families.js';
import { RUNTIME_FAMILIES } from './runtime-families.js';
import type { Scrape, WorkNews } from './scrape.js';

export interface Exposition {
  readonly contentType: string;
  readonly body: string;
}

export interface Metrics {
  /** @param accept the request's `Accept` header: OpenMetrics for whoever asks for it, else Prometheus' text */
  expose(accept?: string): Promise<Exposition>;
}

export interface MetricsSource {
  /** Gathers what is told; never throws for what is not known. */
  readonly gather: () => Promise<Scrape>;
  /** The work of each network, and its label at the time. */
  readonly work: readonly { readonly news: WorkNews; readonly network: () => string }[];
  readonly monotonicMs: () => number;
}

/** Scrapers that come within this time are given the same text, in milliseconds. */
const FRESH_MS = 1_000;

/** Every family, those of the histograms with them. @param current the scrape in progress */
export const createRegistry = (current: () => Scrape) => {
  const registry = new Registry();
  for (const family of [...NODE_FAMILIES, ...JOB_FAMILIES, ...RUNTIME_FAMILIES, ...PROCESS_FAMILIES])
    register(registry, family, current);
  return { registry, follow: registerHistograms(registry) };
};

export const createMetrics = ({ gather, work, monotonicMs }: MetricsSource): Metrics => {
  let current: Scrape | undefined;
  const { registry, follow } = createRegistry(() => {
    if (current === undefined) throw new Error('metrics are collected outside of a scrape');
    return current;
  });
  for (const { news, network } of work) follow(news, network);

  let kept: { readonly text: Promise<string>; doneMs: number | undefined } | undefined;
  const scrape = async (): Promise<string> => {
    current = await gather();
    return registry.metrics();
  };
  /** One scrape at a time, and its text for all who come while it lasts and a moment after. */
  const text = (): Promise<string> => {
    if (kept !== undefined && (kept.doneMs === undefined || monotonicMs() - kept.doneMs < FRESH_MS))
      return kept.text;
    const mine: NonNullable<typeof kept> = { text: scrape(), doneMs: undefined };
    kept = mine;
    mine.text.then(
      () => {
        mine.doneMs = monotonicMs();
      },
      () => {
        if (kept === mine) kept = undefined;
      },
    );
    return mine.text;
  };

  return {
    expose: async (accept) =>
      wantsOpenMetrics(accept)
        ? { contentType: OPENMETRICS_TEXT, body: toOpenMetrics(await text()) }
        : { contentType: PROMETHEUS_TEXT, body: await text() },
  };
};
