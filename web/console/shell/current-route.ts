// Where the reader is, as a signal.
import { type ReadonlySignal, signal } from '@preact/signals';
import { hrefOf, parseRoute, type Route } from './route.js';

const current = signal<Route>(parseRoute(''));

const read = (): void => {
  current.value = parseRoute(location.hash);
};

export const route: ReadonlySignal<Route> = current;

/** Call once a token has been taken out of the address. */
export const followAddress = (): void => {
  read();
  addEventListener('hashchange', read);
};

/** Changes the view's query without a step back in the history: filters are no pages. */
export const setQuery = (query: Readonly<Record<string, string>>): void => {
  const { view, rest } = current.value;
  history.replaceState(null, '', hrefOf(view, rest, query));
  read();
};
