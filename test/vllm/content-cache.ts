// What was built once, kept outside the work tree under a name made of what it was built from.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { tryLock } from 'fs-native-extensions';

/** Entries of one kind that stay: this one and the last one, so that two branches do not build in turns. */
const KEPT = 2;

export const cacheRoot = (): string => {
  const { RESULTITY_TEST_CACHE, XDG_CACHE_HOME } = process.env;
  if (RESULTITY_TEST_CACHE) return RESULTITY_TEST_CACHE;
  return join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'resultity-test');
};

/** SHA-256, in hex, over the names and contents of the files a builder consists of; pinned versions are in them. */
export const contentHash = async (folder: string, names: readonly string[]): Promise<string> => {
  const hash = createHash('sha256');
  for (const name of [...names].sort()) {
    const content = await readFile(join(folder, name));
    hash.update(`${name}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
};

/** Runs `work` while no other process does the same; the kernel frees the lock of a process that died. */
export const withLock = async <T>(root: string, work: () => Promise<T>): Promise<T> => {
  await mkdir(root, { recursive: true });
  const file = await open(join(root, 'lock'), 'a+');
  try {
    while (!tryLock(file.fd)) await wait(250);
    return await work();
  } finally {
    await file.close();
  }
};

const forgetOld = async (root: string, kind: string): Promise<void> => {
  const names = (await readdir(root)).filter((name) => name.startsWith(`${kind}-`));
  const entries = await Promise.all(
    names.map(async (name) => ({ path: join(root, name), ms: (await stat(join(root, name))).mtimeMs })),
  );
  const old = entries.sort((a, b) => b.ms - a.ms).slice(KEPT);
  for (const { path } of old) await rm(path, { recursive: true, force: true });
};

/**
 * The folder `<kind>-<hash>` of the cache; `build` fills it if it is not there. Call it under the lock.
 * @param build gets an empty folder, which becomes the entry only when it returns
 */
export const cached = async (
  root: string,
  kind: string,
  hash: string,
  build: (staging: string) => Promise<void>,
): Promise<string> => {
  const entry = join(root, `${kind}-${hash.slice(0, 16)}`);
  if (existsSync(entry)) return entry;
  for (const name of await readdir(root)) {
    if (name.startsWith('staging-')) await rm(join(root, name), { recursive: true, force: true }); // of a build that died
  }
  const staging = await mkdtemp(join(root, 'staging-'));
  try {
    const folder = join(staging, 'entry');
    await mkdir(folder);
    await build(folder);
    await rename(folder, entry);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  await forgetOld(root, kind);
  return entry;
};
