// Brings a directory tree into an engine as an image: no registry is asked.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { buffer, text } from 'node:stream/consumers';
import type Docker from 'dockerode';

export interface ImportedImage {
  /** `name:tag`, to find it again. */
  readonly reference: string;
  /** Dockerfile instructions: CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, USER, VOLUME, WORKDIR. */
  readonly changes?: readonly string[];
}

export const imageId = (docker: Docker, reference: string): Promise<string | undefined> =>
  docker
    .getImage(reference)
    .inspect()
    .then(
      ({ Id }) => Id,
      () => undefined,
    );

/**
 * @param tree packed as it is, owned by root
 * @returns the image's id
 */
export const importTree = async (
  docker: Docker,
  tree: string,
  { reference, changes = [] }: ImportedImage,
): Promise<string> => {
  const tar = spawn('tar', ['--create', '--owner=0', '--group=0', '--numeric-owner', '-C', tree, '.'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [repo, tag] = reference.split(':');
  const complaints = text(tar.stderr);
  const closed = once(tar, 'close');
  const answer = await docker.importImage(tar.stdout, { repo, tag, changes: [...changes] });
  const told = await buffer(answer);
  const [code] = await closed;
  const id = await imageId(docker, reference);
  if (code !== 0 || id === undefined) {
    throw new Error(`the image ${reference} was not imported: ${await complaints}${told}`);
  }
  return id;
};
