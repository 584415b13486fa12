// Colours of the pictures, light and dark. Written out in full, without CSS variables: not every SVG renderer has them.

interface Palette {
  readonly canvas: string;
  readonly fills: readonly [string, string, string, string];
  readonly border: string;
  readonly ink: string;
  readonly quiet: string;
  readonly line: string;
  readonly invoke: string;
  readonly guard: string;
  readonly lit: string;
  readonly litFill: string;
}

const light: Palette = {
  canvas: '#ffffff',
  fills: ['#f7f8fa', '#eff2f6', '#e6eaf0', '#ffffff'],
  border: '#b3bcc9',
  ink: '#1b2430',
  quiet: '#5b6777',
  line: '#6b7787',
  invoke: '#0b6b5d',
  guard: '#8a4b08',
  lit: '#1f6feb',
  litFill: '#dbe9ff',
};

const dark: Palette = {
  canvas: '#0f141b',
  fills: ['#151b24', '#1b2330', '#222c3b', '#0f151e'],
  border: '#3d4a5c',
  ink: '#e6ebf2',
  quiet: '#9aa7b8',
  line: '#8593a6',
  invoke: '#58c9b5',
  guard: '#e0a35c',
  lit: '#6ea8ff',
  litFill: '#17305a',
};

/** Fill of a leaf state; compound states take the first three by depth. */
export const LEAF = 3;

const rules = (palette: Palette): string[] => [
  `.canvas{fill:${palette.canvas}}`,
  ...palette.fills.map((fill, index) => `.fill-${index}{fill:${fill}}`),
  `.box{stroke:${palette.border}}`,
  `.rule{stroke:${palette.border}}`,
  `.title{fill:${palette.ink}}`,
  `.action,.tag{fill:${palette.quiet}}`,
  `.internal,.event{fill:${palette.ink}}`,
  `.invoke{fill:${palette.invoke}}`,
  `.gear{stroke:${palette.invoke}}`,
  `.guard{fill:${palette.guard}}`,
  `.path{stroke:${palette.line}}`,
  `.head,.dot{fill:${palette.line}}`,
  `.pill{fill:${palette.canvas};stroke:${palette.border}}`,
  `.on>.box{stroke:${palette.lit}}`,
  `.on.atomic>.box,.on.final>.box{fill:${palette.litFill}}`,
  `.taken .path{stroke:${palette.lit}}`,
  `.taken .pill{stroke:${palette.lit}}`,
];

const LOOKS: Readonly<Record<string, string>> = {
  canvas: `fill="${light.canvas}"`,
  ...Object.fromEntries(light.fills.map((fill, index) => [`fill-${index}`, `fill="${fill}"`])),
  box: `stroke="${light.border}"`,
  rule: `fill="none" stroke="${light.border}"`,
  title: `fill="${light.ink}" font-size="13" font-weight="600"`,
  action: `fill="${light.quiet}"`,
  tag: `fill="${light.quiet}"`,
  internal: `fill="${light.ink}"`,
  event: `fill="${light.ink}" font-weight="600"`,
  invoke: `fill="${light.invoke}"`,
  gear: `fill="none" stroke="${light.invoke}"`,
  guard: `fill="${light.guard}"`,
  path: `fill="none" stroke="${light.line}"`,
  head: `fill="${light.line}"`,
  dot: `fill="${light.line}"`,
  pill: `fill="${light.canvas}" stroke="${light.border}"`,
};

/** Of all text that says nothing else. */
export const TEXT_LOOK = 'font-family="sans-serif" font-size="11"';

/**
 * The light look as attributes, for whoever refuses the style sheet, as a strict page does. Where it is taken, it wins.
 * @param classes as in a `class` attribute
 */
export const plainLook = (classes: string): string =>
  classes
    .split(' ')
    .flatMap((name) => LOOKS[name] ?? [])
    .map((look) => ` ${look}`)
    .join('');

/** The whole style sheet. A page lights a state with the class `on` and an edge with `taken`. */
export const chartStyle = (): string =>
  [
    `text{font:11px ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}`,
    `.title{font-size:13px;font-weight:600}`,
    `.event{font-weight:600}`,
    `.box{stroke-width:1.2}`,
    `.region>.box{stroke-dasharray:5 4}`,
    `.path{fill:none;stroke-width:1.4}`,
    `.gear{fill:none;stroke-width:1.3}`,
    `.on>.box{stroke-width:2.2}`,
    `.taken .path{stroke-width:2.4}`,
    ...rules(light),
    `@media (prefers-color-scheme:dark){${rules(dark).join('')}}`,
  ].join('\n');
