// A context as lines to read: one for each part, nested parts by their path.

export interface ContextLine {
  readonly key: string;
  readonly value: string;
}

/** Lines of one list or of one context, at most. */
const MOST = 60;

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isFlat = (value: unknown): boolean => typeof value !== 'object' || value === null;

/** Digests and addresses by their ends; the rest as it is. */
export const shortValue = (value: string): string => {
  const long = /^((?:[a-z0-9]+:)?(?:0x)?[0-9a-fA-F]{6})[0-9a-fA-F]{20,}([0-9a-fA-F]{6})$/.exec(value);
  return long === null ? value : `${long[1]}…${long[2]}`;
};

const linesOf = (key: string, value: unknown): ContextLine[] => {
  if (isPlain(value)) {
    const entries = Object.entries(value);
    if (entries.length === 0) return [{ key, value: '{}' }];
    return entries.flatMap(([name, part]) => linesOf(key === '' ? name : `${key}.${name}`, part));
  }
  if (Array.isArray(value) && !value.every(isFlat)) {
    return value.flatMap((part, index) => linesOf(`${key}[${index}]`, part));
  }
  return [
    {
      key,
      value: Array.isArray(value)
        ? value.map((part) => shortValue(String(part))).join(', ') || '[]'
        : String(value),
    },
  ];
};

export const contextLines = (context: Readonly<Record<string, unknown>>): ContextLine[] => {
  const lines = Object.entries(context).flatMap(([key, value]) => linesOf(key, value));
  return lines.length <= MOST
    ? lines
    : [...lines.slice(0, MOST), { key: '…', value: `${lines.length - MOST} more` }];
};
