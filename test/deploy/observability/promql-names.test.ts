import { expect, test } from 'vitest';
import { promqlNames } from './promql-names.js';

test.each<[string, readonly string[], readonly string[]]>([
  ['up == 0', ['up'], []],
  ['up{job="a{b}"} == 0 or absent(down{x!~"y",z="1"})', ['up', 'down'], ['job', 'x', 'z']],
  ['sum by (le, network) (rate(a_bucket{i=~"$instance"}[15m])) > 0.1', ['a_bucket'], ['le', 'network', 'i']],
  ['sum(a) by (b) / on (c) group_left (d) e', ['a', 'e'], ['b', 'c', 'd']],
  ['time() - a_seconds > 3e2', ['a_seconds'], []],
  ['rate(a[$__rate_interval]) * 1.5', ['a'], []],
])('reads %s', (expression, metrics, labels) => {
  expect(promqlNames(expression)).toEqual({ metrics, labels });
});

test('refuses what it cannot read', () => {
  expect(() => promqlNames('a ; b')).toThrow('cannot read PromQL');
  expect(() => promqlNames('a{b="c}')).toThrow('cannot read PromQL');
});
