// The hostile image in an engine: a cached base, with the program appended to it.

import { createReadStream } from 'node:fs';
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type Docker from 'dockerode';
import { cached, cacheRoot, contentHash, withLock } from '../../../vllm/content-cache.js';
import { type Progress, runStep } from '../../../vllm/run-step.js';
import { imageId } from '../../images/import-image.js';
import { buildBase } from './build-base.js';

const HERE = import.meta.dirname;
const PROGRAM = 'opt/hostile/program';
const CHANGES = [`ENV PYTHONPATH=/${PROGRAM}`, 'ENV PYTHONDONTWRITEBYTECODE=1', 'ENV PATH=/usr/bin:/bin'];

const quietly: Progress = () => {};

const programFiles = async (): Promise<readonly string[]> =>
  (await readdir(join(HERE, 'hostile'))).filter((name) => name.endsWith('.py')).sort();

const importTar = async (docker: Docker, path: string, tag: string): Promise<string> => {
  const answer = await docker.importImage(createReadStream(path), {
    repo: 'resultity-test/hostile',
    tag,
    changes: CHANGES,
  });
  const told = await buffer(answer);
  const id = await imageId(docker, `resultity-test/hostile:${tag}`);
  if (id === undefined) throw new Error(`the hostile image was not imported: ${told}`);
  return id;
};

/**
 * Seconds where the base is cached, else a minute.
 * @returns the image's id; `python3 -m hostile ROLE JSON` is its program
 */
export const hostileImage = async (docker: Docker): Promise<string> => {
  const files = await programFiles();
  const baseHash = await contentHash(HERE, ['build-base.ts']);
  const programHash = await contentHash(join(HERE, 'hostile'), files);
  const tag = `${baseHash.slice(0, 8)}-${programHash.slice(0, 8)}`;
  return withLock(cacheRoot(), async () => {
    const present = await imageId(docker, `resultity-test/hostile:${tag}`);
    if (present !== undefined) return present;
    const base = await cached(cacheRoot(), 'hostile', baseHash, (folder) => buildBase(folder, quietly));
    const scratch = await mkdtemp(join(tmpdir(), 'hostile-image-'));
    try {
      const tar = join(scratch, 'root.tar');
      await copyFile(join(base, 'root.tar'), tar);
      await runStep(
        'append the program',
        {
          program: 'tar',
          args: [
            ...['--append', '--owner=0', '--group=0', '--mode=u=rw,go=r', `--transform=s,^,${PROGRAM}/,`],
            ...['--file', tar, '--directory', HERE, ...files.map((name) => `hostile/${name}`)],
          ],
        },
        quietly,
      );
      return await importTar(docker, tar, tag);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  });
};
