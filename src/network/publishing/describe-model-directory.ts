// Turns a directory of model files into the manifest nodes install from.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import {
  type ModelFile,
  type ModelManifest,
  manifestDigest,
  modelManifest,
} from '../../protocol/model-manifest.js';
import type { Digest } from '../../protocol/primitives.js';
import { ModelDirectoryError } from './publishing-errors.js';

export interface DescribedModel {
  readonly files: ModelManifest;
  /** For `models[].digest`. */
  readonly digest: Digest;
  readonly bytes: number;
}

/**
 * @param from where nodes fetch the files: a base URL with the same paths below it, or `file` for this very directory
 * @throws ModelDirectoryError when it is empty, cannot be read, or holds links, hidden files or files that can carry code
 */
export const describeModelDirectory = async (
  directory: string,
  from: URL | 'file',
): Promise<DescribedModel> => {
  const root = resolve(directory);
  const paths = (await filesBelow(root, root)).sort();
  if (paths.length === 0) {
    throw new ModelDirectoryError(`${directory} holds no files`, {
      advice: 'Name the directory of one model.',
    });
  }
  const files: ModelFile[] = [];
  for (const path of paths) {
    const file = join(root, path);
    const { sha256, size } = await digestOfFile(file);
    files.push({ path, size_bytes: size, sha256, sources: [sourceOf(file, path, from)] });
  }
  const parsed = modelManifest.safeParse(files);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(
      ({ path: [at], message }) => `${paths[Number(at)] ?? 'the list'}: ${message}`,
    );
    throw new ModelDirectoryError(`${directory} cannot be offered as a model: ${faults.join('; ')}`, {
      advice:
        'Offer only weights, tokenizer and configuration files, in formats without code (safetensors, GGUF).',
    });
  }
  return {
    files: parsed.data,
    digest: manifestDigest(parsed.data),
    bytes: files.reduce((sum, { size_bytes }) => sum + size_bytes, 0),
  };
};

const filesBelow = async (root: string, directory: string): Promise<string[]> => {
  const entries = await readdir(directory, { withFileTypes: true }).catch((cause: unknown) => {
    throw new ModelDirectoryError(`${directory} cannot be read`, {
      advice: 'Check the path and its permissions.',
      cause,
    });
  });
  const found: string[] = [];
  for (const entry of entries) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) found.push(...(await filesBelow(root, path)));
    else if (entry.isFile()) found.push(relative(root, path).split(sep).join('/'));
    else {
      throw new ModelDirectoryError(`${path} is not a plain file`, {
        advice: 'Replace links by the files they lead to.',
      });
    }
  }
  return found;
};

const digestOfFile = async (file: string): Promise<{ readonly sha256: Digest; readonly size: number }> => {
  const hash = createHash('sha256');
  const stream = createReadStream(file);
  await pipeline(stream, hash);
  const { size } = await lstat(file);
  if (size !== stream.bytesRead) {
    throw new ModelDirectoryError(`${file} changed while it was read`, {
      advice: 'Try again once it is complete.',
    });
  }
  return { sha256: `sha256:${hash.digest('hex')}`, size };
};

const httpBase = z.url({ protocol: /^https?$/ });

const sourceOf = (file: string, path: string, from: URL | 'file'): string => {
  if (from === 'file') return pathToFileURL(file).href;
  if (!httpBase.safeParse(from.href).success) {
    throw new ModelDirectoryError(`${from.protocol} is no protocol nodes fetch from`, {
      advice: 'Use an http or https URL.',
    });
  }
  return new URL(path, from.href.endsWith('/') ? from.href : `${from.href}/`).href;
};
