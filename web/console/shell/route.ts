// Addresses inside the page: `#/jobs?state=running`, `#/inspector/x:3`. Everything a view shows that is worth a link is in them.

export interface Route {
  /** Name of the view; empty at the start. */
  readonly view: string;
  /** What follows the view's name, decoded. */
  readonly rest: readonly string[];
  readonly query: URLSearchParams;
}

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // somebody typed a lonely %
  }
};

/** @param hash with or without its `#` */
export const parseRoute = (hash: string): Route => {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split('?', 2);
  const [view = '', ...rest] = path.split('/').map(decoded);
  return { view, rest, query: new URLSearchParams(query) };
};

/** @param query those that are empty are left out */
export const hrefOf = (
  view: string,
  rest: readonly string[] = [],
  query: Readonly<Record<string, string>> = {},
): string => {
  const path = [view, ...rest].map(encodeURIComponent).join('/');
  const wanted = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ''));
  return wanted.size === 0 ? `#/${path}` : `#/${path}?${wanted}`;
};
