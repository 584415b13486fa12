// The settings, and where each that is not a default came from.
import type { Check } from '../check.js';
import { failure, ok } from '../finding.js';

export const settingsValid: Check = {
  id: 'settings.valid',
  about: 'Flags, variables and the settings file are understood and fit together.',
  look({ settings }) {
    if (!('config' in settings)) {
      const told = settings.problems.map(
        ({ key, origin, problem, accepts }) => `${key} (${origin}): ${problem}; ${accepts}`,
      );
      return failure(told.join(' | '), 'Correct these settings.');
    }
    const set = Object.entries(settings.origins).filter(([, { from }]) => from !== 'default');
    const names = set.map(([key, { from, name }]) => `${key} (${from === 'file' ? name : from})`);
    const file = settings.file === undefined ? 'no settings file' : `file ${settings.file}`;
    return ok(`${file}; set: ${names.length === 0 ? 'nothing' : names.join(', ')}`);
  },
};
