// The files of deploy/observability as they are shipped, read with schemas of their own.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const FOLDER = resolve(import.meta.dirname, '../../../deploy/observability');
export const RULES_FILE = resolve(FOLDER, 'prometheus/alerts.yaml');
export const PROMETHEUS_FILE = resolve(FOLDER, 'prometheus/prometheus.yaml');
const DASHBOARD_FILE = resolve(FOLDER, 'grafana/dashboards/resultity-node.json');
const DATASOURCE_FILE = resolve(FOLDER, 'grafana/provisioning/datasources/prometheus.yaml');

const words = z.string().min(10);
const alertRule = z.strictObject({
  alert: z.string().regex(/^ResultityNode[A-Z]\w+$/),
  expr: z.string(),
  for: z.string().regex(/^\d+[mh]$/),
  labels: z.strictObject({ severity: z.enum(['info', 'warning', 'critical']) }),
  annotations: z.strictObject({ summary: words, action: words, recovery: words }),
});
export type AlertRule = z.infer<typeof alertRule>;

const rulesFile = z.strictObject({
  groups: z.array(z.strictObject({ name: z.string(), rules: z.array(alertRule) })).length(1),
});

export const readRules = async (): Promise<readonly AlertRule[]> =>
  rulesFile.parse(parse(await readFile(RULES_FILE, 'utf8'))).groups.flatMap(({ rules }) => rules);

const datasourceRef = z.object({ type: z.literal('prometheus'), uid: z.string() });
const target = z.object({ refId: z.string(), datasource: datasourceRef, expr: z.string() });
const place = z.object({ x: z.int(), y: z.int(), w: z.int().min(1), h: z.int().min(1) });
const panel = z.object({
  id: z.int(),
  type: z.string(),
  title: z.string().min(1),
  gridPos: place,
  targets: z.array(target).default([]),
});
const variable = z.object({
  name: z.string(),
  datasource: datasourceRef,
  query: z.object({ query: z.string() }),
});
const dashboard = z.object({
  uid: z.literal('resultity-node'),
  panels: z.array(panel),
  templating: z.object({ list: z.array(variable) }),
});

export const readDashboard = async () => dashboard.parse(JSON.parse(await readFile(DASHBOARD_FILE, 'utf8')));

export const readDatasourceUid = async (): Promise<string> =>
  z
    .object({ datasources: z.array(z.object({ uid: z.string() })).length(1) })
    .parse(parse(await readFile(DATASOURCE_FILE, 'utf8')))
    .datasources.map(({ uid }) => uid)
    .join();
