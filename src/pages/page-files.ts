// A built page in memory: exactly its files can be asked for, so no path of a request ever meets the disk.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

export interface PageFile {
  readonly type: string;
  readonly bytes: Buffer;
  /** Absent where it would not be shorter. */
  readonly gzip?: Buffer;
  /** With its quotes. */
  readonly etag: string;
}

/** Path of the request, e.g. `/` or `/assets/index.js`, to what is answered. */
export type PageFiles = ReadonlyMap<string, PageFile>;

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};
const INDEX = 'index.html';

/** @param directory of one built page. @returns undefined when there is none, or it has no index.html */
export const loadPageFiles = async (directory: string): Promise<PageFiles | undefined> => {
  const files = await loadFiles(directory, '/');
  const index = files.get(`/${INDEX}`);
  if (index === undefined) return undefined;
  return new Map([['/', index], ...[...files].filter(([path]) => path !== `/${INDEX}`)]);
};

/**
 * Every file below the directory that a browser knows by its ending; none where there is no directory.
 * @param prefix of their paths, with a slash at its end
 */
export const loadFiles = async (directory: string, prefix: string): Promise<PageFiles> => {
  const files = new Map<string, PageFile>();
  for (const path of await pathsBelow(directory)) {
    const type = TYPES[extname(path)];
    if (type === undefined) continue;
    files.set(`${prefix}${path}`, await pageFile(type, await readFile(join(directory, path))));
  }
  return files;
};

const pathsBelow = async (directory: string): Promise<string[]> => {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(join(directory, '/').length));
};

const pageFile = async (type: string, bytes: Buffer): Promise<PageFile> => {
  const packed = await promisify(gzip)(bytes, { level: 9 });
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 27)}"`;
  return { type, bytes, etag, ...(packed.length < bytes.length && { gzip: packed }) };
};
