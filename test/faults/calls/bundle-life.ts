// The program of a life as one file, with the code of a whole one kept: these lives are lived hundreds of times.
import { rmSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { bundlePrograms } from '../programs/bundle-programs.js';

/** @returns the file, which goes with the test */
export const bundleLife = async (entry: string): Promise<string> => {
  const {
    directory,
    programs: [program = ''],
  } = await bundlePrograms([entry]);
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return program;
};
