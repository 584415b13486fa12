// Dark, light, or as the system wishes; the reader's choice is kept in this browser.
import { effect, signal } from '@preact/signals';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const KEY = 'resultity.theme';

const isTheme = (text: string | null): text is Theme => THEMES.some((theme) => theme === text);

// A browser that forbids storage shows the page all the same, and forgets the choice.
const recall = (): Theme => {
  try {
    const kept = localStorage.getItem(KEY);
    return isTheme(kept) ? kept : 'system';
  } catch {
    return 'system';
  }
};

const keep = (theme: Theme): void => {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // See above.
  }
};

export const theme = signal<Theme>(recall());

/** Rises with every change of what is shown: what draws on a canvas reads its colours again. */
export const shownTheme = signal(0);

/** Puts the choice on the page, now and whenever it changes. */
export const followTheme = (): void => {
  const root = document.documentElement;
  effect(() => {
    if (theme.value === 'system') delete root.dataset.theme;
    else root.dataset.theme = theme.value;
    shownTheme.value = shownTheme.peek() + 1;
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    shownTheme.value += 1;
  });
};

export const chooseTheme = (chosen: Theme): void => {
  theme.value = chosen;
  keep(chosen);
};
