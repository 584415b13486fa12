// Makes an element of a chart's SVG text. The text comes from the node itself, and still nothing but shapes and words of
// it gets into the page: no style, no script, no reference.

const SHAPES = new Set(['svg', 'g', 'title', 'rect', 'path', 'circle', 'text', 'tspan']);
const ATTRIBUTES =
  /^(?:class|data-(?:id|edge|source|target)|[xydr]|d[xy]|c[xy]|r[xy]|width|height|fill|viewBox|role|aria-label|text-anchor|font-weight|xmlns)$/;

const keepShapes = (element: Element): void => {
  for (const child of [...element.children]) {
    if (SHAPES.has(child.localName)) keepShapes(child);
    else child.remove();
  }
  for (const { name } of [...element.attributes]) {
    if (!ATTRIBUTES.test(name)) element.removeAttribute(name);
  }
};

/** Only parsing it would make a strict browser complain. */
const STYLE = /<style>[^<]*<\/style>/;

/** @throws Error when the text is no SVG */
export const parseChart = (text: string): SVGSVGElement => {
  const { documentElement } = new DOMParser().parseFromString(text.replace(STYLE, ''), 'image/svg+xml');
  if (!(documentElement instanceof SVGSVGElement)) throw new Error('The chart is not an SVG picture.');
  keepShapes(documentElement);
  return document.importNode(documentElement, true);
};
