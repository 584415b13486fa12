// Runs one long program as a named step: says when it begins and how long it took, and fails with its last words.
import { spawn } from 'node:child_process';
import { NodeError } from '../../src/errors.js';

const LAST_LINES = 20;

/** A step of the preparation could not be done. `details.step` names it, `details.output` is the end of what it said. */
export class PreparationStepError extends NodeError {
  readonly code = 'PREPARATION_STEP_FAILED';
  readonly retryable = true;

  constructor(
    step: string,
    why: string,
    options: { output?: string; advice?: string; cause?: unknown } = {},
  ) {
    const output = (options.output ?? '').trimEnd().split('\n').slice(-LAST_LINES).join('\n');
    super(`${step}: ${why}${output === '' ? '' : `\n${output}`}`, {
      details: { step, output },
      ...(options.advice === undefined ? {} : { advice: options.advice }),
      ...(options.cause === undefined ? {} : { cause: options.cause }),
    });
  }
}

export type Progress = (line: string) => void;

export interface Program {
  readonly program: string;
  readonly args: readonly string[];
  /** The whole environment; default: this process's own. */
  readonly env?: NodeJS.ProcessEnv;
  /** One sentence for whoever sees the step fail. */
  readonly advice?: string;
}

const ended = ({ program, args, env }: Program): Promise<{ failure: string | undefined; output: string }> =>
  new Promise((resolve) => {
    const child = spawn(program, args, { env: env ?? process.env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (text: Buffer): void => {
      output = (output + text.toString()).slice(-64 * 1024);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => resolve({ failure: error.message, output }));
    child.on('close', (code, signal) =>
      resolve({ failure: code === 0 ? undefined : `${program} ended with ${code ?? signal}`, output }),
    );
  });

/** Tells of a step's beginning and end, whatever the step is. */
export const timed = async <T>(name: string, progress: Progress, step: () => Promise<T>): Promise<T> => {
  const begun = performance.now();
  progress(`${name} …`);
  const result = await step();
  progress(`${name}: ${((performance.now() - begun) / 1_000).toFixed(1)} s`);
  return result;
};

/** @throws PreparationStepError the program is missing or did not end with 0 */
export const runStep = (name: string, program: Program, progress: Progress): Promise<void> =>
  timed(name, progress, async () => {
    const { failure, output } = await ended(program);
    if (failure === undefined) return;
    throw new PreparationStepError(name, failure, {
      output,
      ...(program.advice === undefined ? {} : { advice: program.advice }),
    });
  });
