// The canonical form of a chart: what a diff shows and what a hash of the chart is taken from.
import type { ChartModel } from '../../src/machines/chart-model.js';

/** @returns JSON in document order, two spaces, ending in a newline */
export const chartJson = (chart: ChartModel): string => `${JSON.stringify(chart, null, 2)}\n`;
