// All files of the statecharts folder as a map from name to text, and how they differ from those on disk.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { AnyStateMachine } from 'xstate';
import { chartJson } from './chart-json.js';
import { chartMermaid } from './chart-mermaid.js';
import { chartModel } from './chart-model.js';
import { chartReadme } from './chart-readme.js';
import { chartSvg } from './chart-svg.js';

export type Artefacts = ReadonlyMap<string, string>;

export interface Difference {
  readonly file: string;
  readonly why: 'missing' | 'stale' | 'left over';
}

const GENERATED = new Set(['.json', '.mmd', '.svg']);

/** @param machines by name, in the order of the page */
export const buildArtefacts = async (
  machines: Readonly<Record<string, AnyStateMachine>>,
): Promise<Artefacts> => {
  const charts = Object.entries(machines).map(([name, machine]) => chartModel(name, machine));
  const files = new Map<string, string>();
  for (const chart of charts) {
    files.set(`${chart.name}.json`, chartJson(chart));
    files.set(`${chart.name}.mmd`, chartMermaid(chart));
    files.set(`${chart.name}.svg`, await chartSvg(chart));
  }
  return files.set('README.md', chartReadme(charts));
};

const namesIn = async (folder: string): Promise<string[]> => {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
};

/** Compares byte for byte; generated files that belong to no chart are `left over`. */
export const compareArtefacts = async (folder: string, artefacts: Artefacts): Promise<Difference[]> => {
  const names = await namesIn(folder);
  const differences: Difference[] = [];
  for (const [file, text] of artefacts) {
    if (!names.includes(file)) differences.push({ file, why: 'missing' });
    else if (!(await readFile(join(folder, file))).equals(Buffer.from(text)))
      differences.push({ file, why: 'stale' });
  }
  const leftOver = names.filter((name) => GENERATED.has(extname(name)) && !artefacts.has(name));
  return [...differences, ...leftOver.sort().map((file): Difference => ({ file, why: 'left over' }))];
};

/** Writes what differs and removes what is left over; returns what it changed. */
export const writeArtefacts = async (folder: string, artefacts: Artefacts): Promise<Difference[]> => {
  await mkdir(folder, { recursive: true });
  const differences = await compareArtefacts(folder, artefacts);
  for (const { file } of differences) {
    const text = artefacts.get(file);
    if (text === undefined) await rm(join(folder, file));
    else await writeFile(join(folder, file), text);
  }
  return differences;
};
