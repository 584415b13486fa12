// The token of this tab. It comes with the address once and is taken out of it at once: it must not be in the history, in a
// bookmark or on a screenshot. A new tab asks again.
import { type ReadonlySignal, signal } from '@preact/signals';
import { tokenIn } from './token-text.js';

const KEY = 'resultity.console.token';

const held = signal<string | null>(sessionStorage.getItem(KEY));

export const token: ReadonlySignal<string | null> = held;

export const holdToken = (given: string): void => {
  sessionStorage.setItem(KEY, given);
  held.value = given;
};

export const forgetToken = (): void => {
  sessionStorage.removeItem(KEY);
  held.value = null;
};

const takeFromAddress = (): void => {
  if (!location.hash.startsWith('#token=')) return;
  const given = tokenIn(location.hash);
  history.replaceState(null, '', `${location.pathname}${location.search}#/`);
  // Another one in the place of the old: that one is what the reader wants now, even if it is wrong.
  if (given !== null) holdToken(given);
};

/** Takes the token out of the address, now and whenever a new one is opened in this tab. Before anything reads the address. */
export const watchAddress = (): void => {
  takeFromAddress();
  addEventListener('hashchange', takeFromAddress);
};
