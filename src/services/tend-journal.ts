// Lets go of what is past its time: results nobody took before they expired, attempts acknowledged a day ago.
import type { Logger } from 'pino';
import type { JobJournal } from '../adapters/journal/job-journal.js';
import type { NetworkTime } from './network-time.js';
import type { ServingFigures } from './serving-figures.js';

const EVERY_MS = 10 * 60_000;

/** Looks as soon as the network has told the time, and then now and again. @returns ends it */
export const tendJournal = (parts: {
  readonly journal: JobJournal;
  readonly time: NetworkTime;
  readonly figures: ServingFigures;
  readonly logger: Logger;
}): (() => void) => {
  const { journal, time, figures, logger } = parts;
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const look = async (): Promise<void> => {
    try {
      for (const { offer, execution, expires_ms } of await journal.prune(time.nowMs())) {
        const { job, attempt } = offer;
        figures.noteExpired();
        logger.warn(
          { event: 'result.expired', job, attempt, outcome: execution?.outcome, expiresMs: expires_ms },
          'a result was given up: the network did not take it in time',
        );
      }
    } catch (err) {
      logger.warn(
        { event: 'journal.prune_failed', err },
        'the job journal could not be tidied; tried again later',
      );
    }
  };
  void time.known.then(() => {
    if (isOver) return;
    void look();
    timer = setInterval(() => void look(), EVERY_MS);
  });
  return () => {
    isOver = true;
    clearInterval(timer);
  };
};
