// Model files the owner has on this machine already: copied, never linked, so that the store alone decides their fate.
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type ModelFetcher, SourceError } from './model-fetcher.js';

/** A copy is fast: it always starts at 0. */
export const fileFetcher: ModelFetcher = {
  async open(url, sizeBytes) {
    // Non-blocking: opening a named pipe would wait for a writer.
    const file = await open(pathOf(url), constants.O_RDONLY | constants.O_NONBLOCK).catch(
      (cause: unknown) => {
        throw new SourceError('unreachable', 'the file cannot be opened', { cause });
      },
    );
    const stat = await file.stat();
    if (!stat.isFile() || stat.size !== sizeBytes) {
      await file.close();
      if (!stat.isFile()) throw new SourceError('not_a_file', 'the source is not a regular file');
      throw new SourceError('wrong_length', `the file has ${stat.size} bytes, not ${sizeBytes}`);
    }
    return { start: 0, validator: undefined, bytes: file.createReadStream({ highWaterMark: 1024 * 1024 }) };
  },
};

const pathOf = (url: URL): string => {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw new SourceError('unreachable', 'not a file of this machine', { cause });
  }
};
