// A chart on the page: lights its states, flashes its transitions, knows where a state stands. All by classes and
// attributes; how they look is the style sheet's business.
import type { Box, Size } from '../model/viewport.js';

export interface ChartPicture {
  readonly element: SVGSVGElement;
  /** The same chart as boxes alone, for an overview. */
  readonly map: SVGSVGElement;
  readonly size: Size;
  /** Lights exactly these states. @returns those the chart does not have */
  light(states: readonly string[]): string[];
  /** Marks exactly these transitions as the ones that led here. */
  mark(edges: readonly string[]): void;
  /** Lets transitions flash once, also ones that still do. */
  flash(edges: readonly string[]): void;
  /** Frames one state, or none. */
  point(state: string | null): void;
  show(view: Box): void;
  boxOf(state: string): Box | null;
  descriptionOf(state: string): string | null;
  stateAt(target: EventTarget | null): string | null;
}

const SVG = 'http://www.w3.org/2000/svg';

const byAttribute = (element: Element, name: string): Map<string, Element[]> => {
  const found = new Map<string, Element[]>();
  for (const one of element.querySelectorAll(`[${name}]`)) {
    const key = one.getAttribute(name) ?? '';
    found.set(key, [...(found.get(key) ?? []), one]);
  }
  return found;
};

const setOnly = (all: ReadonlyMap<string, Element[]>, keys: readonly string[], name: string): void => {
  for (const [key, elements] of all) {
    for (const element of elements) element.classList.toggle(name, keys.includes(key));
  }
};

const numberOf = (element: Element | null, name: string): number => Number(element?.getAttribute(name) ?? 0);

const boxOf = (state: Element | undefined): Box | null => {
  const shape = state?.querySelector(':scope > .box') ?? null;
  if (shape === null) return null;
  if (shape.localName === 'circle') {
    const r = numberOf(shape, 'r');
    return { x: numberOf(shape, 'cx') - r, y: numberOf(shape, 'cy') - r, width: 2 * r, height: 2 * r };
  }
  const [x, y, width, height] = ['x', 'y', 'width', 'height'].map((name) => numberOf(shape, name));
  return { x: x ?? 0, y: y ?? 0, width: width ?? 0, height: height ?? 0 };
};

const rectOf = ({ x, y, width, height }: Box, name: string): SVGRectElement => {
  const rect = document.createElementNS(SVG, 'rect');
  const attributes = { x, y, width, height, class: name };
  for (const [key, value] of Object.entries(attributes)) rect.setAttribute(key, String(value));
  return rect;
};

const viewBoxOf = ({ x, y, width, height }: Box): string => `${x} ${y} ${width} ${height}`;

export const createChartPicture = (element: SVGSVGElement): ChartPicture => {
  const size = { width: numberOf(element, 'width'), height: numberOf(element, 'height') };
  for (const name of ['width', 'height']) element.removeAttribute(name);
  element.classList.add('statechart');
  const states = byAttribute(element, 'data-id');
  const edges = byAttribute(element, 'data-edge');

  const map = document.createElementNS(SVG, 'svg');
  map.setAttribute('viewBox', viewBoxOf({ x: 0, y: 0, ...size }));
  // Its shape; how large it is drawn is bounded by the style sheet.
  for (const [name, value] of Object.entries(size)) map.setAttribute(name, String(value));
  map.setAttribute('class', 'chart-map');
  map.setAttribute('aria-hidden', 'true');
  const spots = new Map<string, Element[]>();
  for (const [id, [group]] of states) {
    const box = boxOf(group);
    if (box === null) continue;
    const isLeaf = group?.classList.contains('atomic') || group?.classList.contains('final');
    const spot = rectOf(box, isLeaf ? 'spot leaf' : 'spot');
    spots.set(id, [spot]);
    map.append(spot);
  }
  const frame = rectOf({ x: 0, y: 0, ...size }, 'frame');
  map.append(frame);

  for (const elements of edges.values()) {
    for (const one of elements) one.addEventListener('animationend', () => one.classList.remove('flash'));
  }

  return {
    element,
    map,
    size,
    light: (active) => {
      setOnly(states, active, 'on');
      setOnly(spots, active, 'on');
      return active.filter((id) => !states.has(id));
    },
    mark: (taken) => setOnly(edges, taken, 'taken'),
    flash: (taken) => {
      const moving = taken.flatMap((key) => edges.get(key) ?? []);
      for (const one of moving) one.classList.remove('flash');
      // Reading the layout makes the browser see that the class was gone, so that the animation begins anew.
      element.getBoundingClientRect();
      for (const one of moving) one.classList.add('flash');
    },
    point: (state) => setOnly(states, state === null ? [] : [state], 'pointed'),
    show: (view) => {
      element.setAttribute('viewBox', viewBoxOf(view));
      for (const [key, value] of Object.entries(view)) frame.setAttribute(key, String(value));
    },
    boxOf: (state) => boxOf(states.get(state)?.[0]),
    descriptionOf: (state) => states.get(state)?.[0]?.querySelector(':scope > title')?.textContent ?? null,
    stateAt: (target) =>
      target instanceof Element ? (target.closest('[data-id]')?.getAttribute('data-id') ?? null) : null,
  };
};
