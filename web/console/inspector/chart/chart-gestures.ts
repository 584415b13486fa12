// Turns pointers, wheels and keys over a chart into what is to be done with it.
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

export interface ChartGestures {
  /** @returns whether it moved; pixels, where positive shows more of the right and the bottom */
  pan(dx: number, dy: number): boolean;
  /** @param at the point that stays, in pixels from the window's corner; its middle unless told */
  zoom(factor: number, at?: { x: number; y: number }): void;
  fit(): void;
  /** A click or tap without a movement. */
  choose(target: EventTarget | null): void;
  /** The reader moved the chart by hand. */
  taken(): void;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Pixels a pointer may tremble within a click. */
const TREMBLE = 4;
/** Pixels an arrow key moves. */
const STRIDE = 60;

const KEYS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-STRIDE, 0],
  ArrowRight: [STRIDE, 0],
  ArrowUp: [0, -STRIDE],
  ArrowDown: [0, STRIDE],
};

const middle = (points: readonly Point[]): Point => ({
  x: points.reduce((sum, { x }) => sum + x, 0) / points.length,
  y: points.reduce((sum, { y }) => sum + y, 0) / points.length,
});

const spread = ([a, b]: readonly Point[]): number => (a && b ? Math.hypot(a.x - b.x, a.y - b.y) : 0);

const listen = (element: HTMLElement, act: () => ChartGestures): (() => void) => {
  const left = new AbortController();
  const { signal } = left;
  const pointers = new Map<number, Point>();
  let moved = 0;
  const pointOf = ({ clientX, clientY }: MouseEvent): Point => {
    const { left: x, top: y } = element.getBoundingClientRect();
    return { x: clientX - x, y: clientY - y };
  };

  element.addEventListener(
    'pointerdown',
    (event) => {
      if (event.button !== 0) return;
      if (pointers.size === 0) moved = 0;
      pointers.set(event.pointerId, pointOf(event));
    },
    { signal },
  );
  element.addEventListener(
    'pointermove',
    (event) => {
      if (!pointers.has(event.pointerId)) return;
      const before = [...pointers.values()];
      pointers.set(event.pointerId, pointOf(event));
      const after = [...pointers.values()];
      const [from, to] = [middle(before), middle(after)];
      moved += Math.hypot(to.x - from.x, to.y - from.y) + Math.abs(spread(after) - spread(before));
      if (moved < TREMBLE) return;
      // Only now: a captured pointer's click would be the window's instead of the state's.
      element.setPointerCapture(event.pointerId);
      act().taken();
      act().pan(from.x - to.x, from.y - to.y);
      if (spread(before) > 0) act().zoom(spread(after) / spread(before), to);
    },
    { signal },
  );
  const lift = (event: PointerEvent): void => {
    if (!pointers.delete(event.pointerId)) return;
    if (event.type === 'pointerup' && moved < TREMBLE && pointers.size === 0) act().choose(event.target);
  };
  for (const type of ['pointerup', 'pointercancel'] as const)
    element.addEventListener(type, lift, { signal });

  element.addEventListener(
    'wheel',
    (event) => {
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        act().taken();
        act().zoom(Math.exp((-event.deltaY * unit) / 300), pointOf(event));
        return;
      }
      // At the chart's end the page scrolls on.
      const [dx, dy] = event.shiftKey ? [event.deltaY, 0] : [event.deltaX, event.deltaY];
      if (!act().pan(dx * unit, dy * unit)) return;
      act().taken();
      event.preventDefault();
    },
    { signal, passive: false },
  );

  element.addEventListener(
    'keydown',
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const way = KEYS[event.key];
      if (way !== undefined) {
        act().taken();
        act().pan(...way);
      } else if (event.key === '+' || event.key === '=') act().zoom(1.3);
      else if (event.key === '-') act().zoom(1 / 1.3);
      else if (event.key === '0') {
        act().taken();
        act().fit();
      } else return;
      event.preventDefault();
      event.stopPropagation();
    },
    { signal },
  );
  return () => left.abort();
};

export const useChartGestures = (target: RefObject<HTMLElement | null>, gestures: ChartGestures): void => {
  const newest = useRef(gestures);
  newest.current = gestures;
  useEffect(() => (target.current === null ? undefined : listen(target.current, () => newest.current)), []);
};
