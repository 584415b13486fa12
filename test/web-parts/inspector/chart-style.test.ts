// The page draws the charts with a style sheet of its own: it has a rule for all that the pictures name, and the sizes the
// pictures were laid out for.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { chartStyle } from '../../../scripts/statecharts/chart-style.js';

const at = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const sheet = readFileSync(at('web/console/inspector/chart/chart.css'), 'utf8');
const pictures = readdirSync(at('statecharts')).filter((name) => name.endsWith('.svg'));

const classesOf = (selectors: string): Set<string> =>
  new Set([...selectors.matchAll(/\.([a-z][a-z0-9-]*)/g)].map(([, name = '']) => name));

/** Kinds of states and of lines, which look like any other. */
const UNSTYLED = new Set(['state', 'compound', 'parallel', 'history', 'edge', 'label', 'initial']);

describe('the style sheet of the charts', () => {
  test.each(pictures)('has a rule for every class of %s', (name) => {
    const used = [...readFileSync(at(`statecharts/${name}`), 'utf8').matchAll(/class="([^"]+)"/g)];
    const names = new Set(used.flatMap(([, value = '']) => value.split(' ')));
    const styled = classesOf(sheet);
    expect([...names].filter((one) => !styled.has(one) && !UNSTYLED.has(one))).toEqual([]);
  });

  test('has a rule for every class the pictures style themselves', () => {
    const styled = classesOf(sheet);
    const own = classesOf(chartStyle().replace(/\{[^}]*\}/g, ' '));
    expect([...own].filter((one) => !styled.has(one))).toEqual([]);
  });

  test('sets type in the sizes the pictures were laid out for', () => {
    expect(chartStyle()).toContain('text{font:11px');
    expect(chartStyle()).toContain('.title{font-size:13px');
    expect(sheet).toMatch(/\.statechart text \{\s+font:\s+11px/);
    expect(sheet).toMatch(/\.statechart \.title \{\s+font-size: 13px/);
  });

  test('has the colours of the pictures, light and dark', () => {
    const colours = new Set(chartStyle().match(/#[0-9a-f]{6}/g));
    const missing = [...colours].filter((colour) => !sheet.includes(colour));
    expect(missing).toEqual([]);
  });
});
