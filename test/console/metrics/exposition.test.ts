import { expect, test } from 'vitest';
import { toOpenMetrics, wantsOpenMetrics } from '../../../src/console/metrics/exposition.js';

test.each<[string | undefined, boolean]>([
  [undefined, false],
  ['', false],
  ['*/*', false],
  ['text/html,application/xhtml+xml,*/*;q=0.8', false],
  ['text/plain;version=0.0.4', false],
  ['application/openmetrics-text; version=1.0.0', true],
  ['Application/OpenMetrics-Text', true],
  ['application/openmetrics-text;q=0, text/plain', false],
  ['application/openmetrics-text;q=0.3, text/plain;q=0.5', false],
  ['application/openmetrics-text;q=nonsense', false],
  // Prometheus 2.42, and 3.
  [
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    true,
  ],
  [
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,*/*;q=0.1',
    true,
  ],
  [`application/openmetrics-text,${'x'.repeat(2_000)}`, false],
])('of Accept %j OpenMetrics is the answer: %s', (accept, isOpen) => {
  expect(wantsOpenMetrics(accept)).toBe(isOpen);
});

test('counters are families without _total in OpenMetrics, and the end is marked', () => {
  const text = [
    '# HELP jobs_total Jobs.',
    '# TYPE jobs_total counter',
    'jobs_total{network="a # TYPE b"} 3',
    '',
    '# HELP odd_total A gauge of that name.',
    '# TYPE odd_total gauge',
    'odd_total 1',
    '',
  ].join('\n');
  expect(toOpenMetrics(text)).toBe(
    [
      '# HELP jobs Jobs.',
      '# TYPE jobs counter',
      'jobs_total{network="a # TYPE b"} 3',
      '# HELP odd_total A gauge of that name.',
      '# TYPE odd_total gauge',
      'odd_total 1',
      '# EOF',
      '',
    ].join('\n'),
  );
});
