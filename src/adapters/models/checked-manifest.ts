// The manifest as the store takes it: parsed again, bound to its digest, and free of names that would meet on disk.

import { type ModelManifest, manifestDigest, modelManifest } from '../../protocol/model-manifest.js';
import { digest as digestShape } from '../../protocol/primitives.js';
import { parentsOf } from './inspect-folder.js';
import { ModelRefusedError } from './model-errors.js';

/** Hex part of a digest: the folder's name. @throws ModelRefusedError not a digest */
export const folderName = (digest: string): string => {
  if (!digestShape.safeParse(digest).success) throw new ModelRefusedError('the model has no valid digest');
  return digest.slice('sha256:'.length);
};

/** @throws ModelRefusedError */
export const checkedManifest = (digest: string, files: ModelManifest): ModelManifest => {
  const parsed = modelManifest.safeParse(files);
  if (!parsed.success) {
    const where = parsed.error.issues[0]?.path.join('.') ?? '';
    throw refused(digest, `entry ${where} is not allowed`);
  }
  if (manifestDigest(parsed.data) !== digest) throw refused(digest, 'its files make another digest');
  const names = new Set<string>();
  for (const { path } of parsed.data) {
    const name = path.toLowerCase();
    if (names.has(name)) throw refused(digest, 'two names differ in case only');
    names.add(name);
  }
  for (const { path } of parsed.data) {
    if (parentsOf(path.toLowerCase()).some((parent) => names.has(parent))) {
      throw refused(digest, 'one name is a file and a folder');
    }
  }
  if (!Number.isSafeInteger(parsed.data.reduce((sum, file) => sum + file.size_bytes, 0))) {
    throw refused(digest, 'its size is not a number of bytes');
  }
  return parsed.data;
};

const refused = (digest: string, why: string): ModelRefusedError =>
  new ModelRefusedError(`the manifest of model ${digest} is refused: ${why}`, {
    details: { digest },
    advice: 'The network must publish a corrected manifest; nothing can be done on this node.',
  });
