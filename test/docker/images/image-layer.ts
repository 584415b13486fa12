// A layer of programs on top of an image, as `docker commit` makes it.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type Docker from 'dockerode';
import { imageId } from './import-image.js';

/**
 * @param files path without a leading slash, and what it holds; all may be executed
 * @returns the new image's id
 */
export const withLayer = async (
  docker: Docker,
  base: string,
  reference: string,
  files: Readonly<Record<string, string>>,
): Promise<string> => {
  const tree = await mkdtemp(join(tmpdir(), 'rn-layer-'));
  const container = await docker.createContainer({ Image: base });
  try {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(tree, path)), { recursive: true });
      await writeFile(join(tree, path), content, { mode: 0o755 });
    }
    const tar = spawn(
      'tar',
      ['--create', '--owner=0', '--group=0', '--directory', tree, ...Object.keys(files)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await container.putArchive(tar.stdout, { path: '/' });
    const [repo, tag] = reference.split(':');
    await container.commit({ repo, tag });
  } finally {
    await container.remove({ force: true });
    await rm(tree, { recursive: true, force: true });
  }
  const made = await imageId(docker, reference);
  if (made === undefined) throw new Error(`the image ${reference} was not committed`);
  return made;
};
