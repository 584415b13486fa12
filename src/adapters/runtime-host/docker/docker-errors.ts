// Turns what a Docker Engine, or the way to it, throws into the errors of the port, each with the next thing to do.
import { z } from 'zod';
import { NodeError } from '../../../errors.js';
import {
  ContainerConflictError,
  ContainerStartError,
  type EngineTrouble,
  EngineUnavailableError,
  ImageError,
  type ImageTrouble,
  type StartTrouble,
} from '../runtime-host-errors.js';
import { imageTroubleOf, isOtherImage } from './image-trouble.js';

// Neither the transport nor a proxy between us and the engine can be relied on for more than this.
const thrown = z.object({
  statusCode: z.number().optional().catch(undefined),
  code: z.union([z.string(), z.number()]).optional().catch(undefined),
  name: z.string().optional().catch(undefined),
  message: z.string().catch(''),
  json: z.object({ message: z.string() }).optional().catch(undefined),
});

/** The library's own words before the engine's. */
const PREFIX = /^\(HTTP code \d+\) [^-]* - /;
const WORDS = 500; // of the engine's text: a proxy may answer with a whole page

const facts = (caught: unknown) => {
  const read = thrown.safeParse(caught).data;
  return {
    status: read?.statusCode,
    code: read?.code,
    name: read?.name,
    words: (read?.json?.message ?? read?.message ?? String(caught))
      .replace(PREFIX, '')
      .trim()
      .slice(0, WORDS),
  };
};

const ADVICE: Readonly<Record<EngineTrouble, string>> = {
  missing: 'Start the Docker Engine, or set runtime.containerSocket to its socket.',
  forbidden: 'Let the user of the Agent use the socket, as a rule by adding it to the group docker.',
  refused: 'Start the Docker Engine: its socket is there, but nothing listens.',
  hung: 'Look at the log of the Docker Engine: it does not answer; restart it if that does not pass.',
  unsupported: 'Install Docker Engine 20.10 or newer; if it is, update the node.',
  lost: 'Look at the log of the Docker Engine: it broke off in the middle of an answer.',
};

export const engineUnavailable = (trouble: EngineTrouble, words: string, cause?: unknown) =>
  new EngineUnavailableError(`the container engine cannot be used (${trouble}): ${words}`, {
    advice: ADVICE[trouble],
    details: { trouble },
    ...(cause === undefined ? {} : { cause }),
  });

const TRANSPORT: Readonly<Record<string, EngineTrouble>> = {
  ENOENT: 'missing',
  EACCES: 'forbidden',
  EPERM: 'forbidden',
  ECONNREFUSED: 'refused',
  ENOTSOCK: 'refused',
  ABORT_ERR: 'hung',
  ETIMEDOUT: 'hung',
};

/** Of the engine's answer, where one came. */
export const statusOf = (caught: unknown): number | undefined => facts(caught).status;

/** It answers so to a version it does not speak. */
export const isVersionRefusal = (caught: unknown): boolean => {
  const { status, words } = facts(caught);
  return status === 400 && /client version .* too (old|new)/i.test(words);
};

/** Says nothing of images or containers: a proxy or plugin in front of the engine lets nobody through, or the version. */
const isAboutEngine = (caught: unknown): boolean => {
  const { status } = facts(caught);
  return status === undefined || status === 403 || isVersionRefusal(caught);
};

/** What went wrong on the way; an answer with a status the caller did not expect is `lost`. */
export const toEngineError = (caught: unknown): NodeError => {
  if (caught instanceof NodeError) return caught;
  const { status, code, name, words } = facts(caught);
  if (name === 'AbortError' || name === 'TimeoutError') return engineUnavailable('hung', words, caught);
  if (status === 403) return engineUnavailable('forbidden', words, caught);
  if (isVersionRefusal(caught)) return engineUnavailable('unsupported', words, caught);
  return engineUnavailable(TRANSPORT[String(code)] ?? 'lost', words, caught);
};

const IMAGE_ADVICE: Readonly<Record<ImageTrouble, string>> = {
  unknown: 'Check the name and digest of the image: the registry does not know it.',
  unauthorized: 'Log the Docker Engine in to the registry, or use an image that is public.',
  registry: 'Check that this host reaches the registry; the node tries again.',
  corrupt: 'Do not use this source: what it sent is not the image that was named. The node tries again.',
  absent: 'Load the image into the Docker Engine, or name it by registry and digest.',
  'no-space': 'Free space where the Docker Engine keeps its images.',
};

export const imageError = (trouble: ImageTrouble, image: string, words: string, cause?: unknown) =>
  new ImageError(`the image cannot be had (${trouble}): ${words}`, {
    advice: IMAGE_ADVICE[trouble],
    details: { trouble, image },
    ...(cause === undefined ? {} : { cause }),
  });

/** It came whole, and is not the one that was named. */
export const otherImage = (image: string, words: string, cause?: unknown) =>
  new ImageError(`another image lies under this digest: ${words}`, {
    advice: 'Correct the digest, or the registry that serves another image under it.',
    details: { trouble: 'corrupt' satisfies ImageTrouble, image, isOther: true },
    ...(cause === undefined ? {} : { cause }),
  });

/** What an engine says of a pull that it gave up. */
export const pullError = (image: string, words: string, cause?: unknown): ImageError => {
  const trouble = imageTroubleOf(words, image);
  if (trouble === 'corrupt' && isOtherImage(words)) return otherImage(image, words, cause);
  return imageError(trouble, image, words, cause);
};

/** A pull that was refused; where no engine answered at all, that is the error. */
export const toImageError = (caught: unknown, image: string): NodeError => {
  if (caught instanceof NodeError) return caught;
  if (isAboutEngine(caught)) return toEngineError(caught);
  const { words } = facts(caught);
  return pullError(image, words, caught);
};

const START_ADVICE: Readonly<Record<StartTrouble, string>> = {
  gpu: 'Install the NVIDIA Container Toolkit, and check that the GPU is still there.',
  executable: 'Use another image: this one does not hold the program of the engine.',
  mount: 'Check that the directories of the models and the socket exist for the Docker Engine.',
  spec: 'Change the settings of the Runtime: the Docker Engine refuses this container.',
  'no-space': 'Free space where the Docker Engine keeps its containers.',
  engine: 'Look at the log of the Docker Engine; the node tries again.',
};

export const startError = (trouble: StartTrouble, words: string, cause?: unknown) =>
  new ContainerStartError(`the container did not start (${trouble}): ${words}`, {
    advice: START_ADVICE[trouble],
    details: { trouble },
    ...(cause === undefined ? {} : { cause }),
  });

/** Not every failed mount: the engine's own, of layers say, may pass. */
const MOUNT =
  /invalid mount config|bind source path does not exist|invalid volume specification|error mounting "[^"]*" to rootfs|no such volume/i;

const startTroubleOf = (status: number, words: string): StartTrouble => {
  if (/no space left/i.test(words)) return 'no-space';
  if (/device driver|nvidia|cdi|gpu/i.test(words)) return 'gpu';
  if (/exec:|executable file not found|exec format error/i.test(words)) return 'executable';
  if (MOUNT.test(words)) return 'mount';
  return status >= 400 && status < 500 ? 'spec' : 'engine';
};

/** A create or start that was refused; a taken name is somebody else's container. */
export const toStartError = (caught: unknown, image: string): NodeError => {
  if (caught instanceof NodeError) return caught;
  const { status = 500, words } = facts(caught);
  if (isAboutEngine(caught)) return toEngineError(caught);
  // There are others, such as a network that cannot be joined.
  if (status === 409 && /name .* in use/i.test(words)) {
    return new ContainerConflictError(`the name of the container is taken: ${words}`, {
      advice: 'Remove the container that holds the name, if nothing needs it.',
      cause: caught,
    });
  }
  // Without an image nothing can be made; any other absence is of the moment, such as a container just removed.
  if (status === 404 && /image/i.test(words)) return imageError('absent', image, words, caught);
  if (status === 404) return startError('engine', words, caught);
  return startError(startTroubleOf(status, words), words, caught);
};
