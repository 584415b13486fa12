// One chart in a window that pans and zooms: by pointer, by fingers, by wheel and by keys.
// biome-ignore-all lint/a11y/noNoninteractiveTabindex: a region that is moved by keys is reached by them.
import './chart.css';
import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import {
  type Box,
  centreOn,
  fitWhole,
  fitWidth,
  panBy,
  reshape,
  reveal,
  type Size,
  scaleOf,
  zoomBy,
} from '../model/viewport.js';
import { pathOf } from '../model/wording.js';
import { type Active, firstView, focusOf, READABLE } from './chart-focus.js';
import { useChartGestures } from './chart-gestures.js';
import { type ChartPicture, createChartPicture } from './chart-picture.js';
import { ChartTools } from './chart-tools.js';
import { ChartTroubles } from './chart-troubles.js';
import { loadChart } from './load-chart.js';

interface ChartPaneProps extends Active {
  /** Name of the chart. */
  readonly name: string;
  /** Those that have fired since the picture was last drawn; each new list flashes. */
  readonly fired: readonly string[];
  /** Id of the state somebody wants to see, e.g. by a link. */
  readonly pointed: string | null;
  /** Whether the window goes along with the active states. */
  readonly isFollowing: boolean;
  onFollow(isFollowing: boolean): void;
  onState(id: string): void;
}

/** Pixels of what the style sheets call a pixel of text: larger where the page's type is, as on a 4k screen. */
const unitPixels = (): number =>
  Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16 || 1;

const WINDOW: Size = { width: 1, height: 1 };

export const ChartPane = (props: ChartPaneProps) => {
  const { name, nodes, edges, fired, pointed, isFollowing } = props;
  const pane = useRef<HTMLElement>(null);
  const overview = useRef<HTMLDivElement>(null);
  const picture = useSignal<ChartPicture | null>(null);
  const problem = useSignal<string | null>(null);
  const unknown = useSignal<readonly string[]>([]);
  const scale = useSignal(1);
  const view = useRef<Box>({ x: 0, y: 0, ...WINDOW });
  const size = useRef<Size>(WINDOW);
  /** Active when the window last looked. */
  const lately = useRef<readonly string[]>([]);
  const newest = useRef(props);
  newest.current = props;

  const show = (next: Box): void => {
    view.current = next;
    picture.peek()?.show(next);
    scale.value = scaleOf(next, size.current);
  };

  const move = (change: (now: Box, chart: Size, window: Size) => Box): void => {
    const chart = picture.peek()?.size;
    if (chart !== undefined) show(change(view.current, chart, size.current));
  };

  const lookAtPointed = (): void => {
    const state = newest.current.pointed;
    const box = state === null ? null : (picture.peek()?.boxOf(state) ?? null);
    if (box === null) return;
    move((now, chart, window) => centreOn(now, chart, window, box, Math.max(scaleOf(now, window), READABLE)));
  };

  useEffect(() => {
    let isLeft = false;
    problem.value = null;
    loadChart(name).then(
      (element) => {
        if (isLeft) return;
        const made = createChartPicture(element);
        picture.value = made;
        pane.current?.replaceChildren(made.element);
        overview.current?.replaceChildren(made.map);
        show(firstView(made, size.current, newest.current));
      },
      (error: unknown) => {
        if (isLeft) return;
        picture.value = null;
        pane.current?.replaceChildren();
        overview.current?.replaceChildren();
        problem.value = error instanceof Error ? error.message : String(error);
      },
    );
    return () => {
      isLeft = true;
    };
  }, [name]);

  useLayoutEffect(() => {
    const element = pane.current;
    if (element === null) return;
    const measure = (): void => {
      const before = size.current;
      const unit = unitPixels();
      size.current = {
        width: Math.max(element.clientWidth / unit, 1),
        height: Math.max(element.clientHeight / unit, 1),
      };
      const drawn = picture.peek();
      if (drawn === null) return;
      if (before.width <= 1) show(firstView(drawn, size.current, newest.current));
      else show(reshape(view.current, before, size.current));
      lookAtPointed();
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const drawn = picture.value;
  const lit = nodes.join(' ');
  useEffect(() => {
    if (drawn === null) return;
    unknown.value = drawn.light(nodes);
    const focus = focusOf(drawn, size.current, newest.current, lately.current);
    lately.current = nodes;
    if (!isFollowing || pointed !== null || focus === null) return;
    move((now, chart, window) => reveal(now, chart, window, focus));
  }, [drawn, lit, isFollowing]);
  useEffect(() => drawn?.mark(edges), [drawn, edges.join(' ')]);
  useEffect(() => {
    if (fired.length > 0) drawn?.flash(fired);
  }, [drawn, fired]);
  useEffect(() => {
    drawn?.point(pointed);
    lookAtPointed();
  }, [drawn, pointed]);

  useChartGestures(pane, {
    pan: (dx, dy) => {
      const before = view.current;
      move((now, chart, window) => {
        const factor = scaleOf(now, window) * unitPixels();
        return panBy(now, chart, dx / factor, dy / factor);
      });
      return view.current.x !== before.x || view.current.y !== before.y;
    },
    zoom: (factor, at) =>
      move((now, chart, window) => {
        const perPixel = 1 / (scaleOf(now, window) * unitPixels());
        const point = at && { x: now.x + at.x * perPixel, y: now.y + at.y * perPixel };
        return zoomBy(now, chart, window, factor, point);
      }),
    fit: () => move((_, chart, window) => fitWidth(chart, window)),
    choose: (target) => {
      const state = picture.peek()?.stateAt(target) ?? null;
      if (state !== null) newest.current.onState(state);
    },
    taken: () => newest.current.onFollow(false),
  });

  const caption = pointed === null ? null : (drawn?.descriptionOf(pointed) ?? null);
  const jump = (event: PointerEvent): void => {
    const chart = overview.current?.firstElementChild;
    if (event.buttons === 0 || chart === null || chart === undefined) return;
    const { left, top, width } = chart.getBoundingClientRect();
    props.onFollow(false);
    move((now, whole, window) => {
      const unit = whole.width / width;
      const spot = { x: (event.clientX - left) * unit, y: (event.clientY - top) * unit, width: 0, height: 0 };
      return centreOn(now, whole, window, spot);
    });
  };

  return (
    <div class="chart-pane">
      {caption === null ? null : (
        <p class="chart-caption">
          <strong>{pathOf(pointed ?? '')}</strong>
          <span class="quiet">{caption}</span>
        </p>
      )}
      <ChartTroubles problem={problem.value} unknown={unknown.value} />
      <section
        ref={pane}
        class="chart-window"
        tabIndex={0}
        aria-label={`Statechart ${name}. Arrow keys move it, plus and minus zoom, 0 fits it to the width.`}
      />
      <ChartTools
        scale={scale.value}
        isFollowing={isFollowing}
        onFollow={props.onFollow}
        onZoom={(factor) => move((now, chart, window) => zoomBy(now, chart, window, factor))}
        onFitWidth={() => {
          props.onFollow(false);
          move((_, chart, window) => fitWidth(chart, window));
        }}
        onFitWhole={() => {
          props.onFollow(false);
          move((_, chart, window) => fitWhole(chart, window));
        }}
      />
      <div
        ref={overview}
        class="chart-overview"
        aria-hidden="true"
        onPointerDown={jump}
        onPointerMove={jump}
      />
    </div>
  );
};
