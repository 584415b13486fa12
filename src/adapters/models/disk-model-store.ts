// The model store on one file system: `.incoming/<hex>/` is quarantine, `<hex>/` is verified and read-only.
import { lstatSync } from 'node:fs';
import { chmod, lstat, mkdir, open, readdir, rename, rm, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ModelManifest } from '../../protocol/model-manifest.js';
import { checkedManifest, folderName } from './checked-manifest.js';
import { DownloadPlan } from './download-plan.js';
import { fileFetcher } from './file-fetcher.js';
import { createHttpFetcher } from './http-fetcher.js';
import { inspectFolder, parentsOf } from './inspect-folder.js';
import { ModelCorruptError, ModelRefusedError } from './model-errors.js';
import type { ModelFetcher } from './model-fetcher.js';
import type { ModelStore } from './model-store.js';

export interface ModelStoreOptions {
  /** Folder of the store; created 0700. */
  readonly dir: string;
  /** For http(s) sources. */
  readonly fetcher?: ModelFetcher;
  /** Bytes free for us on the file system of `dir`. */
  readonly freeBytes?: (dir: string) => Promise<number>;
  /** Bytes that must stay free. Default 1 GiB. */
  readonly reserveBytes?: number;
  /** Least time between two progress reports. Default 250. */
  readonly progressEveryMs?: number;
  readonly monotonicMs?: () => number;
}

const GIB = 1024 ** 3;

const freeBytesOf = async (dir: string): Promise<number> => {
  const { bavail, bsize } = await statfs(dir);
  return bavail * bsize;
};

export const createModelStore = (options: ModelStoreOptions): ModelStore => {
  const { dir } = options;
  const http = options.fetcher ?? createHttpFetcher();
  const settings = {
    fetcherOf: (url: URL): ModelFetcher => (url.protocol === 'file:' ? fileFetcher : http),
    freeBytes: () => (options.freeBytes ?? freeBytesOf)(dir),
    reserveBytes: options.reserveBytes ?? GIB,
    progressEveryMs: options.progressEveryMs ?? 250,
    monotonicMs: options.monotonicMs ?? (() => performance.now()),
  };
  const installedPath = (digest: string): string => join(dir, folderName(digest));
  const quarantine = (digest: string): string => join(dir, '.incoming', folderName(digest));
  const pathOf = (digest: string): string | undefined => {
    const path = installedPath(digest);
    return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? path : undefined;
  };
  const oneAtATime = createTurns();

  /** Renamed away first: a removal that is cut short must not leave half a model that counts as installed. */
  const discardInstalled = async (digest: string): Promise<void> => {
    const path = pathOf(digest);
    if (path === undefined) return;
    const gone = `${quarantine(digest)}.removed`;
    await mkdir(dirname(gone), { recursive: true, mode: 0o700 });
    await removeTree(gone);
    await chmod(path, 0o700);
    await rename(path, gone);
    await removeTree(gone);
  };

  /** What an owner or a disk changed is taken out of service before anything else. */
  const sendBack = async (digest: string): Promise<string> => {
    const path = installedPath(digest);
    const back = join(quarantine(digest), 'files');
    await removeTree(back);
    await mkdir(quarantine(digest), { recursive: true, mode: 0o700 });
    await chmod(path, 0o700);
    await rename(path, back);
    await eachFolder(back, (folder) => chmod(folder, 0o700));
    return back;
  };

  return {
    pathOf,

    async installed() {
      const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
      return entries
        .filter((entry) => entry.isDirectory() && /^[0-9a-f]{64}$/.test(entry.name))
        .map((entry) => `sha256:${entry.name}`)
        .sort();
    },

    async download(digest, files, onProgress, signal) {
      if (files.length === 0) return;
      const manifest = checkedManifest(digest, files);
      await oneAtATime(digest, async () => {
        signal.throwIfAborted();
        if (pathOf(digest) !== undefined) return;
        await mkdir(dir, { recursive: true, mode: 0o700 });
        await new DownloadPlan(quarantine(digest), manifest, settings).run(onProgress, signal);
      });
    },

    async verify(digest, files, signal) {
      if (files.length === 0) return;
      const manifest = checkedManifest(digest, files);
      await oneAtATime(digest, async () => {
        signal.throwIfAborted();
        const installed = pathOf(digest);
        let folder = installed ?? join(quarantine(digest), 'files');
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const { bad, missing, unsafe } = await inspectFolder(folder, manifest, signal);
        if (bad.length + missing.length + unsafe.length === 0) {
          if (installed === undefined) await activate(folder, installedPath(digest), manifest);
          await removeTree(quarantine(digest));
          return;
        }
        if (installed !== undefined) folder = await sendBack(digest);
        for (const path of bad) await removeTree(join(folder, path));
        if (bad.length + missing.length > 0) throw corrupt(digest, bad, missing);
        await removeTree(quarantine(digest));
        throw new ModelRefusedError(`model ${digest} is refused: its configuration names code to load`, {
          details: { digest, unsafe },
          advice: 'Only models without `auto_map` can be served; the network must list another one.',
        });
      });
    },

    async remove(digest) {
      await oneAtATime(digest, async () => {
        await discardInstalled(digest);
        await removeTree(quarantine(digest));
      });
    },
  };
};

const corrupt = (digest: string, bad: readonly string[], missing: readonly string[]): ModelCorruptError =>
  new ModelCorruptError(
    `model ${digest} differs from its manifest: ${bad.length} bad and ${missing.length} missing file(s)`,
    // A stranger may have named the bad ones.
    {
      details: {
        digest,
        bad: bad.slice(0, 20).map((path) => JSON.stringify(path)),
        missing: missing.slice(0, 20),
      },
    },
  );

/** Everything on disk before the one rename that makes it a model. */
const activate = async (folder: string, target: string, files: ModelManifest): Promise<void> => {
  const folders = [...new Set(files.flatMap(({ path }) => parentsOf(path)))].sort().reverse();
  for (const { path } of files) {
    await chmod(join(folder, path), 0o444);
    await sync(join(folder, path));
  }
  for (const inner of folders) {
    await sync(join(folder, inner));
    await chmod(join(folder, inner), 0o555);
  }
  await sync(folder);
  await rename(folder, target);
  // Only now: moving a folder between parents needs the right to write to it.
  await chmod(target, 0o555);
  await sync(dirname(target));
};

const sync = async (path: string): Promise<void> => {
  const handle = await open(path, 'r');
  await handle.sync().finally(() => handle.close());
};

const eachFolder = async (path: string, visit: (folder: string) => Promise<void>): Promise<void> => {
  await visit(path);
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.isDirectory()) await eachFolder(join(path, entry.name), visit);
  }
};

const removeTree = async (path: string): Promise<void> => {
  const stat = await lstat(path).catch(() => undefined);
  if (stat?.isDirectory() === true) await eachFolder(path, (folder) => chmod(folder, 0o700));
  await rm(path, { recursive: true, force: true });
};

/** Two networks may list the same model: their calls for one digest follow each other. */
const createTurns = () => {
  const last = new Map<string, Promise<unknown>>();
  return async <T>(digest: string, work: () => Promise<T>): Promise<T> => {
    const before = last.get(digest) ?? Promise.resolve();
    const turn = before.then(work, work);
    last.set(digest, turn);
    try {
      return await turn;
    } finally {
      if (last.get(digest) === turn) last.delete(digest);
    }
  };
};
