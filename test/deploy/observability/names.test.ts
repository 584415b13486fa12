// Rules and dashboard ask only for what a node exposes: every name and label is looked up in the real registry.
import { beforeAll, expect, test } from 'vitest';
import { createRegistry } from '../../../src/console/metrics/metrics.js';
import { knownScrape } from '../../console/metrics/known-scrape.js';
import { promqlNames } from './promql-names.js';
import { readDashboard, readDatasourceUid, readRules } from './shipped.js';

/** By name of the time series; Prometheus adds `job` and `instance` to each. */
let exposed: ReadonlyMap<string, readonly string[]>;

/** Series Prometheus makes itself. */
const OF_PROMETHEUS: readonly [string, readonly string[]][] = [
  ['up', []],
  ['ALERTS', ['alertname', 'alertstate', 'severity']],
];

beforeAll(() => {
  const { registry } = createRegistry(knownScrape);
  const described = registry.getMetricsAsArray() as unknown as readonly {
    readonly name: string;
    readonly type: string;
    readonly labelNames: readonly string[];
  }[];
  const suffixes = (type: string) => (type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']);
  exposed = new Map([
    ...OF_PROMETHEUS,
    ...described.flatMap(({ name, type, labelNames }) =>
      suffixes(type).map((suffix): [string, readonly string[]] => [
        `${name}${suffix}`,
        suffix === '_bucket' ? [...labelNames, 'le'] : labelNames,
      ]),
    ),
  ]);
});

const unknownIn = (expression: string): readonly string[] => {
  const { metrics, labels } = promqlNames(expression);
  const known = new Set(['job', 'instance', ...metrics.flatMap((name) => exposed.get(name) ?? [])]);
  return [
    ...metrics.filter((name) => !exposed.has(name)),
    ...labels.filter((label) => !known.has(label)),
    ...(metrics.length === 0 ? ['no metric at all'] : []),
  ];
};

test('finds what nothing exposes', () => {
  expect(unknownIn('resultity_node_conected{netwerk="a"} == 0')).toEqual([
    'resultity_node_conected',
    'netwerk',
  ]);
  expect(unknownIn('resultity_node_first_token_seconds > 1')).toEqual(['resultity_node_first_token_seconds']);
});

test('every alert rule asks for what is exposed, and names only labels that its expression keeps', async () => {
  for (const { alert, expr, annotations } of await readRules()) {
    expect({ alert, unknown: unknownIn(expr) }).toEqual({ alert, unknown: [] });
    const { metrics } = promqlNames(expr);
    const known = new Set(metrics.flatMap((name) => exposed.get(name) ?? []));
    const named = [
      ...Object.values(annotations)
        .join(' ')
        .matchAll(/\$labels\.(\w+)/g),
    ].map(([, label]) => label ?? '');
    expect({ alert, unknown: named.filter((label) => !known.has(label)) }).toEqual({ alert, unknown: [] });
  }
});

test('every panel and variable of the dashboard asks for what is exposed, of the source that is provisioned', async () => {
  const { panels, templating } = await readDashboard();
  const uid = await readDatasourceUid();
  const asked = [
    ...panels.flatMap(({ title, targets }) =>
      targets.map((one) => ({ where: title, ...one, expr: one.expr })),
    ),
    ...templating.list.map(({ name, datasource, query }) => ({
      where: `$${name}`,
      datasource,
      // label_values(series, label): the label is looked up like one of the series.
      expr: query.query.replace(/^label_values\((.*), (\w+)\)$/, 'count by ($2) ($1)'),
    })),
  ];
  expect(asked.length).toBeGreaterThan(40);
  for (const { where, expr, datasource } of asked)
    expect({ where, unknown: unknownIn(expr), uid: datasource.uid }).toEqual({ where, unknown: [], uid });
});

test('the dashboard’s panels have ids of their own and do not cover each other', async () => {
  const { panels } = await readDashboard();
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  for (const [at, one] of panels.entries()) {
    const { x, y, w, h } = one.gridPos;
    expect(x + w).toBeLessThanOrEqual(24);
    for (const { title, gridPos: other } of panels.slice(at + 1)) {
      const isApart =
        x + w <= other.x || other.x + other.w <= x || y + h <= other.y || other.y + other.h <= y;
      expect({ one: one.title, title, isApart }).toEqual({ one: one.title, title, isApart: true });
    }
  }
});
