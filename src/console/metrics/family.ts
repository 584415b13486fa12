// A family of metrics read off a scrape, and how it gets into a registry: counts are kept elsewhere, and only copied here.
import { Counter, Gauge, type Registry } from 'prom-client';
import type { NetworkScrape, Scrape } from './scrape.js';

export type Labels = Readonly<Record<string, string>>;

/** A value with its labels. What is not known is left out: a metric that is absent is never taken for a zero. */
export type Sample = readonly [value: number | boolean | null | undefined, labels?: Labels];

export interface Family {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  /** One sentence with the unit; no quotes, which OpenMetrics would want escaped. */
  readonly help: string;
  readonly labels: readonly string[];
  read(scrape: Scrape): Iterable<Sample>;
}

type Read = (network: NetworkScrape) => ReturnType<Family['read']> | Sample[0];

/** A family with the label `network`, and others where `read` gives samples and not one value. */
export const perNetwork = (
  type: Family['type'],
  name: string,
  help: string,
  read: Read,
  labels: readonly string[] = [],
): Family => ({
  type,
  name,
  help,
  labels: ['network', ...labels],
  *read({ networks }) {
    for (const one of networks) {
      const found = read(one);
      const samples: Iterable<Sample> = typeof found === 'object' && found !== null ? found : [[found]];
      for (const [value, own] of samples) yield [value, { network: one.network, ...own }];
    }
  },
});

/** One sample for each state: 1 for the present one, 0 for the others. */
export function* stateSet(
  label: string,
  states: readonly string[],
  present: string | null | undefined,
): Iterable<Sample> {
  for (const state of states) yield [state === present, { [label]: state }];
}

/** One sample for each code. */
export function* countsBy(label: string, counts: Readonly<Record<string, number>>): Iterable<Sample> {
  for (const [code, count] of Object.entries(counts)) yield [count, { [label]: code }];
}

/** @param current the scrape in progress */
export const register = (registry: Registry, family: Family, current: () => Scrape): void => {
  const known = (samples: Iterable<Sample>): [Labels, number][] =>
    [...samples].flatMap(([value, labels = {}]) =>
      value === null || value === undefined ? [] : [[labels, Number(value)]],
    );
  const { name, help } = family;
  const common = { name, help, labelNames: [...family.labels], registers: [registry] };
  if (family.type === 'counter') {
    const counter: Counter = new Counter({
      ...common,
      collect: () => {
        counter.reset();
        if (family.labels.length === 0) counter.remove();
        for (const [labels, value] of known(family.read(current()))) counter.inc(labels, value);
      },
    });
    return;
  }
  const gauge: Gauge = new Gauge({
    ...common,
    collect: () => {
      gauge.reset();
      if (family.labels.length === 0) gauge.remove();
      for (const [labels, value] of known(family.read(current()))) gauge.set(labels, value);
    },
  });
};
