// Looks whether the disk under the journal can take work, and tells when that changes: a full disk, one that fails or has
// become read-only is noticed without a job, and so is its return.
import type { Logger } from 'pino';
import type { JobJournal } from '../adapters/journal/job-journal.js';
import { toFailure } from '../errors.js';

const EVERY_MS = 2_000;

/** @param onChange called when the journal takes jobs again, or no more. @returns ends it */
export const watchJournalDisk = (parts: {
  readonly journal: Pick<JobJournal, 'trouble' | 'probe'>;
  readonly onChange: () => void;
  readonly logger: Logger;
}): (() => void) => {
  const { journal, onChange, logger } = parts;
  let told: string | null = null;
  let isLooking = false;

  const look = async (): Promise<void> => {
    if (isLooking) return; // a disk that hangs
    isLooking = true;
    await journal.probe();
    isLooking = false;
    const { trouble } = journal;
    const code = trouble?.code ?? null;
    if (code === told) return;
    told = code;
    if (trouble === null) {
      logger.info({ event: 'journal.disk_back' }, 'the disk takes the job journal again: jobs are taken');
    } else {
      const { message, advice } = toFailure(trouble);
      logger.warn({ event: 'journal.disk_trouble', code, advice }, `no jobs are taken: ${message}`);
    }
    onChange();
  };
  const timer = setInterval(() => void look(), EVERY_MS);
  return () => clearInterval(timer);
};
