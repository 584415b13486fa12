// Which part of a chart is seen, in the chart's own units. Its shape is always that of the window it is seen through.

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Box extends Size {
  readonly x: number;
  readonly y: number;
}

/** Pixels of the window for one unit of the chart, at most: text of 11 units then has 33 pixels. */
const LARGEST_SCALE = 3;
/** Space kept around what is brought into view, in chart units. */
const SURROUNDING = 40;

export const scaleOf = (view: Box, window: Size): number => window.width / view.width;

/** The whole width of the chart, from its top; never larger than life. */
export const fitWidth = (chart: Size, window: Size): Box => {
  const width = Math.max(chart.width, window.width);
  return { x: (chart.width - width) / 2, y: 0, width, height: (width * window.height) / window.width };
};

/** All of the chart. */
export const fitWhole = (chart: Size, window: Size): Box => {
  const scale = Math.min(window.width / chart.width, window.height / chart.height, 1);
  const width = window.width / scale;
  const height = window.height / scale;
  return { x: (chart.width - width) / 2, y: (chart.height - height) / 2, width, height };
};

/** Keeps at least the middle of the view over the chart, so that it cannot be lost. */
const onChart = (view: Box, chart: Size): Box => ({
  ...view,
  x: Math.min(Math.max(view.x, -view.width / 2), chart.width - view.width / 2),
  y: Math.min(Math.max(view.y, -view.height / 2), chart.height - view.height / 2),
});

export const panBy = (view: Box, chart: Size, dx: number, dy: number): Box =>
  onChart({ ...view, x: view.x + dx, y: view.y + dy }, chart);

/**
 * @param factor above 1 is closer
 * @param at what stays where it is, in chart units; the middle unless told
 */
export const zoomBy = (
  view: Box,
  chart: Size,
  window: Size,
  factor: number,
  at = { x: view.x + view.width / 2, y: view.y + view.height / 2 },
): Box => {
  const widest = Math.max(fitWhole(chart, window).width, fitWidth(chart, window).width) * 1.25;
  const width = Math.min(Math.max(view.width / factor, window.width / LARGEST_SCALE), widest);
  const share = width / view.width;
  return onChart(
    {
      x: at.x - (at.x - view.x) * share,
      y: at.y - (at.y - view.y) * share,
      width,
      height: view.height * share,
    },
    chart,
  );
};

/** The window changed its shape: the middle stays, and so does the scale. */
export const reshape = (view: Box, before: Size, after: Size): Box => {
  const scale = scaleOf(view, before);
  const width = after.width / scale;
  const height = after.height / scale;
  return { x: view.x + (view.width - width) / 2, y: view.y, width, height };
};

const isInside = (view: Box, box: Box): boolean =>
  box.x >= view.x &&
  box.y >= view.y &&
  box.x + box.width <= view.x + view.width &&
  box.y + box.height <= view.y + view.height;

/** @param scale pixels per unit at which the box is read; the present one unless told */
export const centreOn = (
  view: Box,
  chart: Size,
  window: Size,
  box: Box,
  scale = scaleOf(view, window),
): Box => {
  const width = window.width / scale;
  const height = window.height / scale;
  return onChart(
    { x: box.x + (box.width - width) / 2, y: box.y + (box.height - height) / 2, width, height },
    chart,
  );
};

/** Moves only if the box is not in view already. */
export const reveal = (view: Box, chart: Size, window: Size, box: Box): Box => {
  if (isInside(view, box)) return view;
  const widest = Math.max(box.width, box.height * (window.width / window.height)) + 2 * SURROUNDING;
  return centreOn(view, chart, window, box, Math.min(scaleOf(view, window), window.width / widest));
};

/** The smallest box around all of them; null of none. */
export const around = (boxes: readonly Box[]): Box | null => {
  if (boxes.length === 0) return null;
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  return {
    x,
    y,
    width: Math.max(...boxes.map((box) => box.x + box.width)) - x,
    height: Math.max(...boxes.map((box) => box.y + box.height)) - y,
  };
};
