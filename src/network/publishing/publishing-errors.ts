// Why a configuration cannot be published.
import { NodeError } from '../../errors.js';

export interface DraftFault {
  /** Where in the draft, e.g. `models.0.files.2.sha256`; empty for the draft as a whole. */
  readonly field: string;
  readonly reason: string;
}

/** The draft breaks a bound; every fault is named. Nothing was published. */
export class ConfigDraftError extends NodeError {
  readonly code = 'CONFIG_DRAFT';
  readonly retryable = false;

  constructor(readonly faults: readonly DraftFault[]) {
    const lines = faults.map(({ field, reason }) => (field === '' ? reason : `${field}: ${reason}`));
    super(`the configuration draft cannot be published: ${lines.join('; ')}`, {
      advice: 'Correct the fields named and publish again; the configuration in force has not changed.',
      details: { faults },
    });
  }
}

/** Somebody published meanwhile: what the author compared the draft with is not in force any more. */
export class ConfigReplacedError extends NodeError {
  readonly code = 'CONFIG_REPLACED';
  readonly retryable = false;

  constructor(seen: number, held: number) {
    super(`the draft was compared with version ${seen}, and version ${held} is in force`, {
      advice: 'Look at what it changes now, and publish it again if that is still what you want.',
      details: { seen, held },
    });
  }
}

/** A directory cannot be offered as a model. */
export class ModelDirectoryError extends NodeError {
  readonly code = 'MODEL_DIRECTORY';
  readonly retryable = false;
}
