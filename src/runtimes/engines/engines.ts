// The engines the node knows, by key. A new engine is a new file and one line here.
import { NodeError } from '../../errors.js';
import { type EngineDefinition, engineDefinitionSchema } from './engine-definition.js';
import { llamaCpp } from './llama-cpp.js';
import { ollama } from './ollama.js';
import { simulator } from './simulator.js';
import { vllm } from './vllm.js';
import { vllmCpu } from './vllm-cpu.js';

/** The configuration names an engine this version does not know. */
export class EngineUnknownError extends NodeError {
  readonly code = 'ENGINE_UNKNOWN';
  readonly retryable = false;
}

const engines: ReadonlyMap<string, EngineDefinition> = new Map(
  [vllm, vllmCpu, llamaCpp, ollama, simulator].map((definition) => [
    definition.key,
    engineDefinitionSchema.parse(definition),
  ]),
);

/** Keys of every engine, in the order they should be shown. */
export const engineKeys: readonly string[] = [...engines.keys()];

/** @throws EngineUnknownError with the known keys */
export const engineByKey = (key: string): EngineDefinition => {
  const found = engines.get(key);
  if (found !== undefined) return found;
  throw new EngineUnknownError(`the engine ${JSON.stringify(key)} is not known`, {
    advice: `Use one of ${engineKeys.join(', ')}, or update the node.`,
    details: { engine: key, known: engineKeys },
  });
};
