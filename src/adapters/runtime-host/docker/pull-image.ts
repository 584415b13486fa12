// Reads what the Docker Engine tells of a pull: lines of JSON after a 200. An error in them is a failed pull, for no
// status follows; how much is done is counted per layer.
import { z } from 'zod';
import type { PullProgress } from '../runtime-host.js';
import { engineUnavailable, otherImage, pullError } from './docker-errors.js';
import { linesOf, type Pieces } from './stream-lines.js';

const pullLine = z.object({
  id: z.string().optional().catch(undefined),
  status: z.string().optional().catch(undefined),
  error: z.string().optional().catch(undefined),
  errorDetail: z.object({ message: z.string() }).optional().catch(undefined),
  progressDetail: z
    .object({ current: z.number().optional(), total: z.number().optional() })
    .optional()
    .catch(undefined),
});

interface Layer {
  readonly done: boolean;
  readonly doneBytes: number;
  readonly totalBytes: number;
}

const FINISHED = /^(Pull complete|Already exists)$/;
// `Pulling from …` carries the tag or digest where layers carry theirs.
const NO_LAYER = /^(Pulling from|Digest:|Status:)/;

const nextLayer = (layer: Layer | undefined, line: z.infer<typeof pullLine>): Layer => {
  const known = layer ?? { done: false, doneBytes: 0, totalBytes: 0 };
  if (FINISHED.test(line.status ?? '')) return { ...known, done: true, doneBytes: known.totalBytes };
  if (line.status === 'Download complete') return { ...known, doneBytes: known.totalBytes };
  // Unpacking counts the same bytes once more.
  if (line.status !== 'Downloading') return known;
  const { current = 0, total = 0 } = line.progressDetail ?? {};
  if (total <= 0) return known;
  // Where a download goes on after a cut, only what was still to come is counted.
  const totalBytes = Math.max(known.totalBytes, total);
  return { done: false, doneBytes: totalBytes - total + current, totalBytes };
};

const sum = (layers: ReadonlyMap<string, Layer>): PullProgress => {
  const all = [...layers.values()];
  return {
    layersDone: all.filter(({ done }) => done).length,
    layersTotal: all.length,
    doneBytes: all.reduce((bytes, layer) => bytes + layer.doneBytes, 0),
    totalBytes: all.reduce((bytes, layer) => bytes + layer.totalBytes, 0),
  };
};

const parseLine = (text: string): z.infer<typeof pullLine> => {
  try {
    return pullLine.parse(JSON.parse(text));
  } catch (cause) {
    throw engineUnavailable('lost', 'the news of a pull are not JSON', cause);
  }
};

/**
 * Follows a pull to its end. That end proves nothing: look for the digest afterwards.
 * @throws ImageError as the engine tells it in a line; whatever the stream throws
 */
export const followPull = async (
  image: string,
  pieces: Pieces,
  onProgress: (progress: PullProgress) => void,
): Promise<void> => {
  const layers = new Map<string, Layer>();
  for await (const text of linesOf(pieces)) {
    const line = parseLine(text);
    const failure = line.errorDetail?.message ?? line.error;
    if (failure !== undefined) throw pullError(image, failure);
    if (line.id === undefined || NO_LAYER.test(line.status ?? '')) continue;
    layers.set(line.id, nextLayer(layers.get(line.id), line));
    onProgress(sum(layers));
  }
};

/** @param image `name@sha256:…` */
export const hasDigest = (image: string, repoDigests: readonly string[]): boolean => {
  const digest = image.slice(image.lastIndexOf('@') + 1);
  return repoDigests.some((recorded) => recorded.endsWith(`@${digest}`));
};

/** @throws ImageError `corrupt` unless the engine recorded the very digest that was named */
export const assertDigest = (image: string, repoDigests: readonly string[]): void => {
  if (hasDigest(image, repoDigests)) return;
  const others = repoDigests.join(', ') || 'none';
  throw otherImage(image, `the image that came has other digests: ${others}`);
};
