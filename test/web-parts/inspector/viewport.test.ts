// Zoom and pan of a chart: what is seen through a window of a given size.
import { describe, expect, test } from 'vitest';
import {
  around,
  centreOn,
  fitWhole,
  fitWidth,
  panBy,
  reshape,
  reveal,
  scaleOf,
  zoomBy,
} from '../../../web/console/inspector/model/viewport.js';

const chart = { width: 2_000, height: 3_000 };
const pane = { width: 1_000, height: 500 };

describe('a chart', () => {
  test('fits the width of its window, from the top', () => {
    expect(fitWidth(chart, pane)).toEqual({ x: 0, y: 0, width: 2_000, height: 1_000 });
  });

  test('that is smaller than its window stays life-size, in the middle', () => {
    expect(fitWidth({ width: 400, height: 100 }, pane)).toEqual({ x: -300, y: 0, width: 1_000, height: 500 });
  });

  test('fits whole', () => {
    expect(fitWhole(chart, pane)).toEqual({ x: -2_000, y: 0, width: 6_000, height: 3_000 });
  });

  test('is zoomed around what is pointed at', () => {
    const view = zoomBy(fitWidth(chart, pane), chart, pane, 2, { x: 500, y: 250 });
    expect(view).toEqual({ x: 250, y: 125, width: 1_000, height: 500 });
  });

  test('is neither zoomed nor panned out of sight', () => {
    let view = fitWidth(chart, pane);
    for (let times = 0; times < 50; times += 1) view = zoomBy(view, chart, pane, 1.5);
    expect(scaleOf(view, pane)).toBeCloseTo(3);
    for (let times = 0; times < 50; times += 1) view = zoomBy(view, chart, pane, 0.5);
    expect(view.width).toBe(7_500);
    const gone = panBy(fitWidth(chart, pane), chart, 1e6, -1e6);
    expect(gone).toEqual({ x: 1_000, y: -500, width: 2_000, height: 1_000 });
  });

  test('keeps its scale when the window changes', () => {
    const before = fitWidth(chart, pane);
    const after = { width: 600, height: 900 };
    const view = reshape(before, pane, after);
    expect(scaleOf(view, after)).toBe(scaleOf(before, pane));
    expect(view).toEqual({ x: 400, y: 0, width: 1_200, height: 1_800 });
  });
});

describe('a state', () => {
  const state = { x: 900, y: 2_000, width: 100, height: 50 };

  test('is brought to the middle, at the scale asked for', () => {
    expect(centreOn(fitWidth(chart, pane), chart, pane, state, 1)).toEqual({
      x: 450,
      y: 1_775,
      width: 1_000,
      height: 500,
    });
  });

  test('is not moved to when it is in view', () => {
    const view = fitWhole(chart, pane);
    expect(reveal(view, chart, pane, state)).toBe(view);
  });

  test('that is larger than the window is shown whole', () => {
    const large = { x: 0, y: 100, width: 1_900, height: 2_800 };
    const view = reveal({ x: 0, y: 0, width: 1_000, height: 500 }, chart, pane, large);
    expect(view.height).toBeGreaterThanOrEqual(2_800);
  });

  test('and others have a box around them', () => {
    expect(around([state, { x: 0, y: 0, width: 10, height: 10 }])).toEqual({
      x: 0,
      y: 0,
      width: 1_000,
      height: 2_050,
    });
    expect(around([])).toBeNull();
  });
});
