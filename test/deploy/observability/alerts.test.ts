// Prometheus' own tool reads what is shipped, and runs every alert through trouble and recovery.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { toOpenMetrics } from '../../../src/console/metrics/exposition.js';
import { createRegistry } from '../../../src/console/metrics/metrics.js';
import { knownScrape, valuesOf } from '../../console/metrics/known-scrape.js';
import { ALERT_CASES, type AlertCase, NO_ALERT } from './alert-cases.js';
import { promqlNames } from './promql-names.js';
import { HAS_PROMTOOL, promtool } from './promtool.js';
import { PROMETHEUS_FILE, RULES_FILE, readDashboard, readRules } from './shipped.js';

test('promtool is there where the gate runs', () => {
  if (!HAS_PROMTOOL)
    console.warn('promtool is not installed: alerts are not tried out (Debian: apt install prometheus)');
  expect(HAS_PROMTOOL || process.env.CI !== 'true').toBe(true);
});

test('each alert has a case of trouble and recovery', async () => {
  const alerts = (await readRules()).map(({ alert }) => alert);
  expect(ALERT_CASES.map(({ alert }) => alert)).toEqual(alerts);
});

const exposition = (): Promise<string> => createRegistry(knownScrape).registry.metrics();

/** `name{labels}` with those Prometheus adds. */
const scraped = (series: string): string => {
  const [, name = '', labels = ''] = /^([^{]+)(?:\{(.*)\})?$/.exec(series) ?? [];
  const own = labels === '' ? [] : [labels];
  return `${name}{${[...own, 'instance="node:7540"', 'job="resultity-node"'].join(',')}}`;
};

/** Longer than any case. */
const MINUTES = 100;

/** A node that is well all the time; what tells the time goes with it. */
const healthy = async (): Promise<ReadonlyMap<string, string>> => {
  const asked = new Set((await readRules()).flatMap(({ expr }) => promqlNames(expr).metrics));
  const values = [...valuesOf(await exposition())]
    .filter(([series]) => asked.has(series.replace(/\{.*/, '')))
    .map(([series, value]): [string, string] => [scraped(series), `${value}x${MINUTES}`]);
  const network = 'network="devnet"';
  return new Map([
    ...values,
    [scraped('up{}'), `1x${MINUTES}`],
    [scraped(`resultity_node_last_ack_timestamp_seconds{${network}}`), `0+60x${MINUTES}`],
    [scraped(`resultity_node_config_expires_timestamp_seconds{${network}}`), `90000x${MINUTES}`],
  ]);
};

const FIRING = 'count by (alertname) (ALERTS{alertstate="firing"})';

const checkAt = (minute: number, alerts: readonly string[]) => ({
  expr: FIRING,
  eval_time: `${minute}m`,
  exp_samples: alerts.map((alert) => ({ labels: `{alertname="${alert}"}`, value: 1 })),
});

/** It keeps a database on disk for each case: on a busy machine that takes its time. */
const PATIENCE_MS = 180_000;

describe.runIf(HAS_PROMTOOL)('by promtool', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'resultity-alerts-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const tryOut = async (tests: readonly Pick<AlertCase, 'series'>[], checks: (at: number) => object[]) => {
    const base = await healthy();
    const file = join(folder, 'alerts.test.yaml');
    const content = {
      rule_files: [RULES_FILE],
      evaluation_interval: '1m',
      tests: tests.map(({ series }, at) => {
        const changed = Object.entries(series).map(([name, values]): [string, string] => [
          scraped(name),
          values,
        ]);
        const inputs = [...new Map([...base, ...changed])];
        return {
          interval: '1m',
          input_series: inputs.map(([name, values]) => ({ series: name, values })),
          promql_expr_test: checks(at),
        };
      }),
    };
    await writeFile(file, stringify(content));
    return promtool(['test', 'rules', file]);
  };

  test('the metrics have the names, units and texts they should', async () => {
    expect(await promtool(['check', 'metrics'], await exposition())).toEqual({ ok: true, said: '' });
  });

  test('rules and configuration are sound', async () => {
    const [rules, config] = await Promise.all([
      promtool(['check', 'rules', RULES_FILE]),
      promtool(['check', 'config', PROMETHEUS_FILE]),
    ]);
    expect([rules.ok ? '' : rules.said, config.ok ? '' : config.said]).toEqual(['', '']);
  });

  test('every expression of the dashboard is PromQL', async () => {
    const { panels } = await readDashboard();
    const rules = panels.flatMap(({ targets }) =>
      targets.map(({ expr }, at) => ({
        record: `panel:${at}`,
        expr: expr.replaceAll('$__rate_interval', '5m'),
      })),
    );
    const file = join(folder, 'dashboard.yaml');
    await writeFile(file, stringify({ groups: [{ name: 'dashboard', rules }] }));
    const { ok, said } = await promtool(['check', 'rules', '--lint=none', file]);
    expect(ok ? '' : said).toBe('');
  });

  test(
    'a healthy node, and one whose owner has paused it, raise no alert',
    async () => {
      const { ok, said } = await tryOut([{ series: {} }, ...NO_ALERT], () =>
        [1, 10, 40, 99].map((minute) => checkAt(minute, [])),
      );
      expect(ok ? '' : said).toBe('');
    },
    PATIENCE_MS,
  );

  test(
    'every alert waits, fires alone in trouble, and is over after it',
    async () => {
      const { ok, said } = await tryOut(ALERT_CASES, (at) => {
        const { alert = '', quietAt = 0, firesAt = 0, overAt = 0 } = ALERT_CASES[at] ?? {};
        return [checkAt(quietAt, []), checkAt(firesAt, [alert]), checkAt(overAt, [])];
      });
      expect(ok ? '' : said).toBe('');
    },
    PATIENCE_MS,
  );

  test(
    'an alert that does not fire when it should is found',
    async () => {
      const wrong = ALERT_CASES.filter(({ alert }) => alert === 'ResultityNodeDown');
      const { ok } = await tryOut(wrong, () => [checkAt(1, ['ResultityNodeDown'])]);
      expect(ok).toBe(false);
    },
    PATIENCE_MS,
  );
});

test('the OpenMetrics text has the same samples', async () => {
  const text = await exposition();
  expect(valuesOf(toOpenMetrics(text)).size).toBe(valuesOf(text).size);
});
