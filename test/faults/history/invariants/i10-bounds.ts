// Memory and disk as they were measured on the way.
import type { Invariant } from '../invariant.js';

export const bounds: Invariant = {
  id: 'I10',
  rule: 'memory and disk stay within their bounds',
  evidence: (history) => history.of('measured').length,
  violations: (history) =>
    history
      .of('measured')
      .filter(({ bytes, bound }) => bytes > bound)
      .map(({ what, bytes, bound }) => `${what}: ${bytes} bytes, and ${bound} are the bound`),
};
