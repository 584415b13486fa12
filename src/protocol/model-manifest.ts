// What a model consists of: named files with size and SHA-256, where to get them, and the digest over the list.
import { z } from 'zod';
import { digestOf } from './digest.js';
import { count, type Digest, digest } from './primitives.js';

/** Segments of letters, digits, `.`, `_`, `-`; no leading dot, no code, no pickle formats. */
const SAFE_PATH = /^(?!.*(?:^|\/)\.)[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+){0,7}$/;
const REFUSED_SUFFIX = /\.(?:py|pyc|so|bin|pt|pth|pkl|pickle)$/i;

export const modelFile = z.object({
  path: z
    .string()
    .max(256)
    .regex(SAFE_PATH, 'not a plain relative path')
    .refine((path) => !REFUSED_SUFFIX.test(path), 'a file type that can carry code'),
  size_bytes: count,
  sha256: digest,
  /** `https://`, `http://` or `file://`, tried in order. */
  sources: z
    .array(z.url({ protocol: /^(?:https?|file)$/ }))
    .min(1)
    .max(8),
});
export type ModelFile = z.infer<typeof modelFile>;

/** Sorted by path, every path once. Empty where the engine brings its own weights. */
export const modelManifest = z
  .array(modelFile)
  .max(4096)
  .refine(
    (files) => files.every((file, at) => at === 0 || (files[at - 1]?.path ?? '') < file.path),
    'files must be sorted by path, each once',
  );
export type ModelManifest = z.infer<typeof modelManifest>;

/** SHA-256 over one line per file, `sha256 SP size SP path LF`: what a receipt names as the model. */
export const manifestDigest = (files: readonly Pick<ModelFile, 'path' | 'size_bytes' | 'sha256'>[]): Digest =>
  digestOf(files.map((file) => `${file.sha256} ${file.size_bytes} ${file.path}\n`).join(''));

/**
 * What a configuration names as a model's digest: that of its manifest, or, where the engine brings its own weights, one
 * over its name and version, so that two such models still differ.
 */
export const modelDigest = (model: {
  readonly id: string;
  readonly version: string;
  readonly files: ModelManifest;
}): Digest =>
  model.files.length > 0
    ? manifestDigest(model.files)
    : digestOf(`engine-provided ${model.id} ${model.version}\n`);
