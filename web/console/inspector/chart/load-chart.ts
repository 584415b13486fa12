// Fetches each chart once; what failed is tried again when it is asked for again.

import { parseChart } from './parse-chart.js';

const charts = new Map<string, Promise<SVGSVGElement>>();

const fetchChart = async (name: string): Promise<SVGSVGElement> => {
  const response = await fetch(`/charts/${encodeURIComponent(name)}.svg`);
  if (!response.ok) throw new Error(`The node has no chart "${name}" (${response.status}).`);
  return parseChart(await response.text());
};

/** @returns an element of its own for each caller */
export const loadChart = async (name: string): Promise<SVGSVGElement> => {
  const known = charts.get(name) ?? fetchChart(name);
  charts.set(name, known);
  try {
    return (await known).cloneNode(true) as SVGSVGElement;
  } catch (error) {
    charts.delete(name);
    throw error;
  }
};

/** Fetches what may be shown later, so that it is there when the node is gone. */
export const preloadCharts = (names: readonly string[]): void => {
  for (const name of names) loadChart(name).catch(() => {});
};
