// The switch between the system's colours, light and dark.
import './theme-switch.css';
import { chooseTheme, THEMES, type Theme, theme } from './theme.js';

const SIGNS: Readonly<Record<Theme, { readonly title: string; readonly path: string }>> = {
  system: { title: 'System', path: 'M3 4h14v9H3zM7 16.5h6M10 13v3.5' },
  light: {
    title: 'Light',
    path: 'M10 6.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7M10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.3 4.3l1.1 1.1M14.6 14.6l1.1 1.1M15.7 4.3l-1.1 1.1M5.4 14.6l-1.1 1.1',
  },
  dark: { title: 'Dark', path: 'M16.5 12.2A7 7 0 0 1 7.8 3.5a7 7 0 1 0 8.7 8.7' },
};

export const ThemeSwitch = () => (
  <fieldset class="theme-switch">
    <legend class="unseen">Colours</legend>
    {THEMES.map((one) => (
      <label key={one} title={SIGNS[one].title}>
        <input
          type="radio"
          name="theme"
          class="unseen"
          checked={theme.value === one}
          onChange={() => chooseTheme(one)}
        />
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <path d={SIGNS[one].path} />
        </svg>
        <span class="unseen">{SIGNS[one].title}</span>
      </label>
    ))}
  </fieldset>
);
