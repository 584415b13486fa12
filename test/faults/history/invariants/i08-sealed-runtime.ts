// The one rule that cannot be seen from processes on one machine; named here so that nobody thinks it forgotten.
import type { Invariant } from '../invariant.js';

/** Seen only from inside a container: `npm run test:docker` looks for every way out of one. */
export const sealedRuntime: Invariant = {
  id: 'I8',
  rule: 'the Runtime has no network, key or engine access at any moment',
  evidence: () => 0,
  violations: () => [],
};
