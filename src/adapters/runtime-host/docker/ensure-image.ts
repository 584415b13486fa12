// Makes sure an image is in this engine and is the one that was named.
import type { PullProgress } from '../runtime-host.js';
import type { DockerClient } from './docker-client.js';
import { imageError, toImageError } from './docker-errors.js';
import type { ImageDetails } from './engine-answers.js';
import { assertDigest, followPull, hasDigest } from './pull-image.js';

/** `sha256:…`: an id, which no registry knows. */
const isImageId = (image: string): boolean => /^sha256:[0-9a-f]{64}$/.test(image);
/** `name@sha256:…`; a tag says nothing of what comes. */
const isPinned = (image: string): boolean => /^[^@]+@sha256:[0-9a-f]{64}$/.test(image);

/**
 * The image as it is here.
 * @throws ImageError `absent` when it is not, `corrupt` when it is another
 */
export const presentImage = async (
  client: DockerClient,
  image: string,
  signal: AbortSignal,
): Promise<ImageDetails> => {
  const found = await client.inspectImage(image, signal);
  if (found === undefined) throw imageError('absent', image, 'it is not in this engine');
  if (!isImageId(image)) assertDigest(image, found.RepoDigests);
  return found;
};

/** @returns its id in this engine */
export const ensureImage = async (
  client: DockerClient,
  image: string,
  onProgress: (progress: PullProgress) => void,
  signal: AbortSignal,
): Promise<string> => {
  if (!isPinned(image) && !isImageId(image)) {
    throw imageError('unknown', image, 'it is named neither by digest nor by id');
  }
  if (isPinned(image)) {
    const here = await client.inspectImage(image, signal);
    if (here === undefined || !hasDigest(image, here.RepoDigests)) {
      await pull(client, image, onProgress, signal);
    }
  }
  return (await presentImage(client, image, signal)).Id;
};

const pull = async (
  client: DockerClient,
  image: string,
  onProgress: (progress: PullProgress) => void,
  signal: AbortSignal,
): Promise<void> => {
  const pieces = await client.pullImage(image, signal);
  try {
    await followPull(image, pieces, onProgress);
  } catch (caught) {
    throw signal.aborted ? signal.reason : toImageError(caught, image);
  }
};
