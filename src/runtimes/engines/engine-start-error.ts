// Why an engine cannot be started as it is asked for. One sentence form for every check.
import { NodeError } from '../../errors.js';
import type { EngineDefinition } from './engine-definition.js';

/** The start would not work, or would not mean what the configuration means. Not retryable as it is. */
export class EngineStartInvalidError extends NodeError {
  readonly code = 'ENGINE_START_INVALID';
  readonly retryable = false;
}

/** @throws EngineStartInvalidError always */
export const refuseStart = (definition: EngineDefinition, what: string, advice: string): never => {
  throw new EngineStartInvalidError(`${definition.title} cannot be started: ${what}`, {
    advice,
    details: { engine: definition.key },
  });
};
