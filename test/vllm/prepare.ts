// A real vLLM and a real small model for tests, built once and cached: `tsx test/vllm/prepare.ts --socket PATH --json`.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { toFailure } from '../../src/errors.js';
import { cached, cacheRoot, contentHash, withLock } from './content-cache.js';
import { buildRoot, IMAGE_FILES } from './image/build-root.js';
import { loadImage } from './image/load-image.js';
import { buildModel, MODEL_FILES } from './model/build-model.js';
import type { Progress } from './run-step.js';

export interface PreparedVllm {
  /** The image's id in the engine that was asked. */
  readonly imageId: string;
  /** A folder of real files, readable by everyone: to be mounted read-only. */
  readonly modelDirectory: string;
  readonly tookMs: number;
}

const toStandardError: Progress = (line) => void process.stderr.write(`${line}\n`);

/**
 * Safe to call from several processes at once: one builds, the others wait.
 * @param options.engineSocket path of a Docker Engine's Unix socket
 * @throws PreparationStepError what could not be done, with the last lines of its output
 */
export const prepareVllm = async (options: {
  readonly engineSocket: string;
  readonly progress?: Progress;
}): Promise<PreparedVllm> => {
  const begun = performance.now();
  const { engineSocket, progress = toStandardError } = options;
  const root = cacheRoot();
  return withLock(root, async () => {
    const modelHash = await contentHash(join(import.meta.dirname, 'model'), MODEL_FILES);
    const modelDirectory = await cached(root, 'model', modelHash, (folder) => buildModel(folder, progress));
    const imageHash = await contentHash(join(import.meta.dirname, 'image'), IMAGE_FILES);
    const rootTar = async (): Promise<string> =>
      join(await cached(root, 'image', imageHash, (folder) => buildRoot(folder, progress)), 'root.tar');
    const imageId = await loadImage(engineSocket, imageHash, rootTar, progress);
    return { imageId, modelDirectory, tookMs: Math.round(performance.now() - begun) };
  });
};

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: { socket: { type: 'string' }, json: { type: 'boolean', default: false } },
  });
  try {
    const engineSocket = values.socket ?? '/var/run/docker.sock';
    const prepared = await prepareVllm({ engineSocket });
    const lines = Object.entries(prepared).map(([name, value]) => `${name} ${value}`);
    console.log(values.json ? JSON.stringify(prepared) : lines.join('\n'));
  } catch (error) {
    const { code, message, advice } = toFailure(error);
    console.error([`${code} ${message}`, ...(advice === undefined ? [] : [advice])].join('\n'));
    process.exitCode = 1;
  }
};

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
