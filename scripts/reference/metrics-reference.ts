// The table of the node's metrics, read off the registry that exposes them, and that of the alerts shipped with it.
import { z } from 'zod';

/** What prom-client knows of a metric and does not type. */
const described = z.array(
  z.object({
    name: z.string(),
    help: z.string(),
    type: z.enum(['counter', 'gauge', 'histogram']),
    labelNames: z.array(z.string()),
  }),
);

const alert = z.object({
  alert: z.string(),
  expr: z.string(),
  for: z.string(),
  labels: z.object({ severity: z.string() }),
  annotations: z.object({ summary: z.string(), action: z.string() }),
});
const rules = z.object({ groups: z.array(z.object({ rules: z.array(alert) })) });

const cell = (text: string): string =>
  text
    .replaceAll('|', '\\|')
    .replaceAll(/\s*\n\s*/g, ' ')
    .trim();
/** `{{ $labels.network }}` is whatever the network is. */
const inWords = (template: string): string =>
  cell(
    template.replaceAll(/\{\{ \$(?:labels\.(\w+)|(value))[^}]*\}\}/g, (_, label) => `‹${label ?? 'value'}›`),
  );

const labelsOf = (names: readonly string[]): string =>
  names.length === 0 ? '–' : names.map((name) => `\`${name}\``).join(' ');

/**
 * Markdown: one row per metric, and one per alert.
 * @param metrics as the registry describes them
 * @param alertRules as parsed from the file of rules
 */
export const metricsReference = (metrics: unknown, alertRules: unknown): string =>
  `${[
    '# Metrics and alerts',
    'Written by `npm run reference` from the registry behind `/metrics` and from `deploy/observability/prometheus/alerts.yaml`. How to collect them: [monitoring](monitoring.md).',
    'What is not known is absent, never zero. Histograms have the series `_bucket`, `_sum` and `_count`. `network` is the name of a network; before it was joined, and where two have the same name, its host.',
    [
      '| metric | type | labels | meaning |',
      '| --- | --- | --- | --- |',
      ...described
        .parse(metrics)
        .map(
          ({ name, type, labelNames, help }) =>
            `| \`${name}\` | ${type} | ${labelsOf(labelNames)} | ${cell(help)} |`,
        ),
    ].join('\n'),
    '## Alerts',
    [
      '| alert | severity | when | for | means | what to do |',
      '| --- | --- | --- | --- | --- | --- |',
      ...rules
        .parse(alertRules)
        .groups.flatMap((group) => group.rules)
        .map(
          (rule) =>
            `| ${rule.alert} | ${rule.labels.severity} | \`${cell(rule.expr)}\` | ${rule.for} | ${inWords(rule.annotations.summary)} | ${inWords(rule.annotations.action)} |`,
        ),
    ].join('\n'),
  ].join('\n\n')}\n`;
