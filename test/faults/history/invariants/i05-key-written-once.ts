// The key file through all lives of a node.
import type { Invariant } from '../invariant.js';

const OWNER_ONLY = 0o600;

export const keyWrittenOnce: Invariant = {
  id: 'I5',
  rule: 'the key file is written once, for its owner alone, and never changes',
  evidence: (history) => history.of('key').filter(({ digest }) => digest !== null).length,
  violations: (history) => {
    const wrong: string[] = [];
    const known = new Map<string, string>();
    for (const { place, digest, mode, at_ms } of history.of('key')) {
      const before = known.get(place);
      if (before !== undefined && digest !== before) {
        wrong.push(`${digest === null ? 'the key is gone' : 'another key'} in ${place} at ${at_ms}`);
      }
      if (digest === null) continue;
      known.set(place, digest);
      if (mode !== OWNER_ONLY) wrong.push(`the key file in ${place} has mode ${mode.toString(8)}`);
    }
    const nodes = new Set(history.of('frame').flatMap(({ said }) => (said.t === 'hello' ? [said.node] : [])));
    if (nodes.size > known.size) wrong.push(`${known.size} key files spoke as ${[...nodes].join(' and ')}`);
    return wrong;
  },
};
