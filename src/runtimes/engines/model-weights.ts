// From a model's verified directory to what its engine wants to be pointed at.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { EngineDefinition } from './engine-definition.js';
import { EngineStartInvalidError } from './engine-start-error.js';

/**
 * @param directory absolute path of the verified files
 * @returns the directory, the one weights file in it (the first part of a split one), or undefined
 * @throws EngineStartInvalidError the directory cannot be read, or does not hold exactly one such file
 */
export const modelWeights = async (
  definition: EngineDefinition,
  directory: string,
): Promise<string | undefined> => {
  const { weights } = definition;
  if (weights.from === 'own-store' || weights.from === 'nothing') return undefined;
  const names = await readdir(directory).catch((cause: unknown) => {
    throw new EngineStartInvalidError(`the model directory ${directory} cannot be read`, {
      advice: 'Check that it exists and that the node may read it.',
      cause,
    });
  });
  if (weights.from === 'directory') return directory;
  const files = names
    .filter((name) => name.endsWith(weights.extension))
    .filter((name) => !/-\d{5}-of-\d{5}\./.test(name) || /-00001-of-\d{5}\./.test(name));
  const [file] = files;
  if (file === undefined || files.length > 1) {
    throw new EngineStartInvalidError(
      `${definition.title} needs one ${weights.extension} file in ${directory}, which holds ${files.length}`,
      { advice: 'Keep one quantisation of the model per directory.' },
    );
  }
  return join(directory, file);
};
