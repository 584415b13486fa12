// Everything wrong with the configuration, at once: an owner should not have to start the node once per mistake.
import { NodeError } from '../errors.js';

export interface ConfigProblem {
  /** e.g. `runtime.slots`, or the unknown name itself. */
  readonly key: string;
  /** Where the value was set, as {@link showOrigin} writes it. */
  readonly origin: string;
  /** What is wrong; never a secret's text. */
  readonly problem: string;
  /** What would be right, or the name that was probably meant. */
  readonly accepts: string;
}

/** The configuration cannot be used; `problems` has every reason. */
export class ConfigError extends NodeError {
  readonly code = 'CONFIG';
  readonly retryable = false;
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(
      ({ key, origin, problem, accepts }) => `  ${key} (${origin}): ${problem}; ${accepts}`,
    );
    super(`the configuration cannot be used:\n${lines.join('\n')}`, {
      advice: 'Correct the settings listed above and start again.',
      details: { problems },
    });
    this.problems = problems;
  }
}
