// Faults end, and service returns.
import type { Invariant } from '../invariant.js';

export const comesBack: Invariant = {
  id: 'I12',
  rule: 'when faults stop, the node serves again within its limit',
  evidence: (history) => history.of('back').length,
  violations: (history) => {
    const { records } = history;
    const late = history
      .of('back')
      .filter(({ took_ms, limit_ms }) => took_ms > limit_ms)
      .map(({ took_ms, limit_ms }) => `back after ${took_ms} ms, and ${limit_ms} are the limit`);
    const lastFault = records.findLastIndex(({ kind }) => kind === 'fault');
    const lastBack = records.findLastIndex(({ kind }) => kind === 'back');
    return lastBack < lastFault ? [...late, 'after the last fault it did not come back'] : late;
  },
};
