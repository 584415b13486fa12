// What a driver notices of a Runtime that goes on running, and what it means for the trust in it.
import type { Logger } from 'pino';
import type { RuntimeNotice } from '../adapters/runtime/runtime-driver.js';
import type { RuntimeEvent } from '../machines/runtime/runtime-events.js';
import { RuntimeAlteredError } from './runtime-failures.js';
import type { Doubts } from './weigh-doubts.js';

export interface HeedNoticesParts {
  readonly doubts: Doubts;
  readonly report: (event: RuntimeEvent) => void;
  /** Looks at the engine at once. */
  readonly look: () => void;
  /** Jobs that break now broke for memory. */
  readonly starve: () => void;
  readonly logger: Logger;
}

/** @returns `sawKill`: whether a process in it was killed for memory so far */
export const heedNotices = ({ doubts, report, look, starve, logger }: HeedNoticesParts) => {
  let sawKill = false;
  const heed = (notice: RuntimeNotice): void => {
    switch (notice.type) {
      case 'oom':
        sawKill = true;
        starve();
        logger.warn({ event: 'runtime.oom' }, 'the kernel killed a process of the Runtime for memory');
        doubts.doubt('a process in it was killed for memory');
        look();
        break;
      case 'altered':
        doubts.condemn(
          new RuntimeAlteredError(`the Runtime is not what was started: ${notice.fields.join(', ')} differ`, {
            advice: 'Find out who changed the container: the node replaces it, and serves nothing altered.',
            details: { fields: notice.fields },
          }),
        );
        break;
      case 'paused':
        doubts.doubt('paused from outside');
        break;
      case 'unpaused':
        doubts.doubt('paused until now');
        doubts.trust('paused from outside');
        look();
        break;
      case 'controlLost':
        logger.warn(
          { event: 'runtime.control_lost', reason: notice.reason },
          'the container engine does not answer; the Runtime goes on serving',
        );
        report({ type: 'control.lost' });
        break;
      case 'controlBack':
        logger.info({ event: 'runtime.control_regained' }, 'the container engine answers again');
        report({ type: 'control.regained' });
        break;
    }
  };
  return {
    heed,
    get sawKill() {
      return sawKill;
    },
  };
};
