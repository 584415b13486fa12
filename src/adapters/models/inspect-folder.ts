// Compares a folder with a manifest: exactly these regular files, each with its size and SHA-256, and nothing else.
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseBoundedJson } from '../../protocol/bounded-json.js';
import type { ModelFile, ModelManifest } from '../../protocol/model-manifest.js';

export interface FolderFindings {
  /** Relative paths that are wrong in content or kind, or do not belong here. */
  readonly bad: readonly string[];
  readonly missing: readonly string[];
  /** Right by the manifest, and still not to be served: they name code an engine would load. */
  readonly unsafe: readonly string[];
}

/** Configurations of Hugging Face models are some KiB; `tokenizer.json` is not among them. */
const CONFIG_NAME = /(?:^|[/_])config\.json$/i;
const CONFIG_BOUNDS = { maxBytes: 4 * 1024 * 1024, maxDepth: 64, maxKeys: 200_000 };

export const inspectFolder = async (
  folder: string,
  files: ModelManifest,
  signal: AbortSignal,
): Promise<FolderFindings> => {
  const wanted = new Map(files.map((file) => [file.path, file]));
  const directories = new Set(files.flatMap(({ path }) => parentsOf(path)));
  const bad: string[] = [];
  const unsafe: string[] = [];
  for (const path of await walk(folder, '', directories)) {
    signal.throwIfAborted();
    const file = wanted.get(path);
    wanted.delete(path);
    if (file === undefined || !(await isAsWanted(join(folder, path), file, signal))) bad.push(path);
    else if (CONFIG_NAME.test(path) && (await namesCode(join(folder, path)))) unsafe.push(path);
  }
  return { bad, missing: [...wanted.keys()], unsafe };
};

/** `a/b/c` → `a`, `a/b` */
export const parentsOf = (path: string): readonly string[] => {
  const segments = path.split('/').slice(0, -1);
  return segments.map((_, at) => segments.slice(0, at + 1).join('/'));
};

/** Everything that is not a directory the manifest implies. Never enters a link or a foreign directory. */
const walk = async (
  folder: string,
  prefix: string,
  known: ReadonlySet<string>,
): Promise<readonly string[]> => {
  const found: string[] = [];
  for (const entry of await readdir(join(folder, prefix), { withFileTypes: true })) {
    const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isDirectory() && known.has(path)) found.push(...(await walk(folder, path, known)));
    else found.push(path);
  }
  return found;
};

const isAsWanted = async (path: string, wanted: ModelFile, signal: AbortSignal): Promise<boolean> => {
  if (!(await lstat(path)).isFile()) return false;
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = await file.stat();
    // A second name elsewhere is a way to change the bytes after this check.
    if (!stat.isFile() || stat.nlink !== 1 || stat.size !== wanted.size_bytes) return false;
    const hash = createHash('sha256');
    for await (const chunk of file.createReadStream({ autoClose: false, highWaterMark: 1024 * 1024 })) {
      signal.throwIfAborted();
      hash.update(chunk);
    }
    return `sha256:${hash.digest('hex')}` === wanted.sha256;
  } finally {
    await file.close();
  }
};

/** An `auto_map` names Python classes in the model's folder; engines have loaded them with the switch off. */
const namesCode = async (path: string): Promise<boolean> => {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    if ((await file.stat()).size > CONFIG_BOUNDS.maxBytes) return true;
    return hasKey(parseBoundedJson(await file.readFile(), CONFIG_BOUNDS), 'auto_map');
  } catch {
    return true; // what we cannot read within bounds, an engine must not either
  } finally {
    await file.close();
  }
};

const hasKey = (value: unknown, key: string): boolean => {
  if (typeof value !== 'object' || value === null) return false;
  return Object.hasOwn(value, key) || Object.values(value).some((inner) => hasKey(inner, key));
};
