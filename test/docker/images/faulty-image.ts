// The simulator's image with one thing wrong with it, as a layer on top.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { withLayer } from './image-layer.js';
import { imageId } from './import-image.js';
import { simulatorImage } from './simulator-image.js';

/**
 * - `prompts`: strikes where a prompt says `[[fault:…]]`; SIGUSR1 ends it with 0, SIGUSR2 makes it take all memory
 * - `wrong-model`: serves another name than it was told
 * - `garbage`: answers everything with a page of HTML
 * - `unfit`: refuses its arguments, exit code 2
 */
export type EngineFault = 'prompts' | 'wrong-model' | 'garbage' | 'unfit';

export const faultyImage = async (docker: Docker, fault: EngineFault): Promise<string> => {
  const reference = `resultity-test/faulty-simulator:${fault}`;
  return (
    (await imageId(docker, reference)) ??
    withLayer(docker, await simulatorImage(docker), reference, {
      'usr/local/bin/resultity-node': await readFile(join(import.meta.dirname, 'faulty-engine.mjs'), 'utf8'),
      'etc/engine-fault': fault,
    })
  );
};
