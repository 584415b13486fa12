// One figure over time. Those who do not see it hear the figure as it is now.
import 'uplot/dist/uPlot.min.css';
import './line-chart.css';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { shownTheme } from '../../look/theme.js';
import type { Points } from './samples.js';

interface LineChartProps {
  /** What it shows and how it is now, in words. */
  readonly label: string;
  readonly points: Points;
  /** A token's name, e.g. `--series-1`. */
  readonly colour: string;
  /** For the axis. */
  readonly format: (value: number) => string;
  /** The axis is never shorter: small figures are not made to look large. */
  readonly least: number;
  /** Where the figure is too rare for a line: each as a dot as well. */
  readonly hasDots?: boolean;
}

/** A canvas knows no CSS: the colour is read from an element that has it. */
const read = (element: HTMLElement, token: string): string => {
  const before = element.style.color;
  element.style.color = `var(${token})`;
  const { color } = getComputedStyle(element);
  element.style.color = before;
  return color;
};

const build = (
  box: HTMLElement,
  { colour, format, least, hasDots = false }: LineChartProps,
  data: uPlot.AlignedData,
): uPlot => {
  const remPx = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const ink = read(box, '--quiet');
  const line = read(box, '--line');
  const stroke = read(box, colour);
  const axis: uPlot.Axis = {
    stroke: ink,
    grid: { stroke: line, width: 1 },
    ticks: { show: false },
    font: `${0.75 * remPx}px ${getComputedStyle(box).fontFamily}`,
  };
  return new uPlot(
    {
      width: box.clientWidth,
      height: box.clientHeight,
      legend: { show: false },
      cursor: { show: false },
      padding: [0.5 * remPx, 1.75 * remPx, 0, 0],
      scales: { y: { range: (_, __, max) => [0, Math.max((max ?? 0) * 1.15, least)] } },
      axes: [
        {
          ...axis,
          grid: { show: false },
          size: 1.75 * remPx,
          gap: 0.6 * remPx,
          space: 6 * remPx,
          values: '{HH}:{mm}:{ss}',
        },
        {
          ...axis,
          size: 3.75 * remPx,
          gap: 0.6 * remPx,
          space: 1.8 * remPx,
          values: (_, splits) => splits.map(format),
        },
      ],
      series: [
        {},
        {
          stroke,
          width: 0.11 * remPx,
          fill: stroke.replace(/^rgb\((.*)\)$/, 'rgb($1 / 12%)').replace(/,/g, ' '),
          spanGaps: hasDots,
          points: { show: hasDots, size: 0.28 * remPx, fill: stroke, width: 0 },
        },
      ],
    },
    data,
    box,
  );
};

const asData = ([seconds, values]: Points): uPlot.AlignedData => [[...seconds], [...values]];

export const LineChart = (props: LineChartProps) => {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const { label, points } = props;
  const shown = shownTheme.value;

  // Not drawn anew for other points: those follow below.
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const drawn = build(element, props, asData(points));
    chart.current = drawn;
    const watch = new ResizeObserver(() => {
      drawn.setSize({ width: element.clientWidth, height: element.clientHeight });
    });
    watch.observe(element);
    return () => {
      watch.disconnect();
      drawn.destroy();
      chart.current = null;
    };
  }, [shown]);

  useEffect(() => chart.current?.setData(asData(points)), [points]);

  return <div class="chart" ref={box} role="img" aria-label={label} />;
};
