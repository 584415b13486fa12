// Looks for canaries, words that must be written down nowhere, in files and texts; and measures what is on disk.
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { History } from './history.js';

const filesBelow = async (root: string): Promise<string[]> => {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
};

export const searchText = (
  history: History,
  place: string,
  text: string,
  canaries: readonly string[],
): void => {
  const found = canaries.filter((canary) => text.includes(canary));
  history.add({ kind: 'searched', place, bytes: text.length, found });
};

/** @param without of paths relative to the root: what may hold them */
export const searchFiles = async (
  history: History,
  root: string,
  canaries: readonly string[],
  without: (path: string) => boolean = () => false,
): Promise<void> => {
  for (const path of await filesBelow(root)) {
    const place = relative(root, path);
    if (!without(place)) searchText(history, place, await readFile(path, 'latin1'), canaries);
  }
};

/** @param bound bytes all files below may have together */
export const measureDisk = async (history: History, root: string, bound: number): Promise<void> => {
  let bytes = 0;
  for (const path of await filesBelow(root)) bytes += (await stat(path)).blocks * 512;
  history.add({ kind: 'measured', what: 'disk of the node', bytes, bound });
};
