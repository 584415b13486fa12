// All files of the statecharts folder as a map from name to text.
import { extname } from 'node:path';
import type { AnyStateMachine } from 'xstate';
import { chartModel } from '../../src/machines/chart-model.js';
import type { GeneratedFiles } from '../generated/generated-files.js';
import { chartJson } from './chart-json.js';
import { chartMermaid } from './chart-mermaid.js';
import { chartReadme } from './chart-readme.js';
import { chartSvg } from './chart-svg.js';

const GENERATED = new Set(['.json', '.mmd', '.svg']);

/** Whether a file of the folder is of this generator. */
export const isChartFile = (name: string): boolean => GENERATED.has(extname(name));

/** @param machines by name, in the order of the page */
export const buildArtefacts = async (
  machines: Readonly<Record<string, AnyStateMachine>>,
): Promise<GeneratedFiles> => {
  const charts = Object.entries(machines).map(([name, machine]) => chartModel(name, machine));
  const files = new Map<string, string>();
  for (const chart of charts) {
    files.set(`${chart.name}.json`, chartJson(chart));
    files.set(`${chart.name}.mmd`, chartMermaid(chart));
    files.set(`${chart.name}.svg`, await chartSvg(chart));
  }
  return files.set('README.md', chartReadme(charts));
};
