// What clients write and owners keep secret is written down nowhere.
import type { Invariant } from '../invariant.js';

export const noCanary: Invariant = {
  id: 'I9',
  rule: 'no prompt, output or secret in any log, upload or file',
  evidence: (history) => history.of('searched').filter(({ bytes }) => bytes > 0).length,
  violations: (history) =>
    history.of('searched').flatMap(({ place, found }) => found.map((canary) => `'${canary}' in ${place}`)),
};
