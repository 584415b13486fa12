// The secret that opens a page's API: made once, kept in a file of its owner's alone.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { link, lstat, readFile, rm, writeFile } from 'node:fs/promises';
import { PageTokenError } from './page-errors.js';

const TOKEN_BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;
const OTHERS = 0o077;

/** The token in this file, made by the first call. @throws PageTokenError */
export const loadOrCreatePageToken = async (path: string): Promise<string> => {
  const draft = `${path}.${randomBytes(8).toString('hex')}.new`;
  try {
    // A name is given to the token once it is whole: a process that is killed here leaves no half of one.
    await writeFile(draft, `${randomBytes(TOKEN_BYTES).toString('base64url')}\n`, {
      mode: 0o600,
      flush: true,
    });
    await link(draft, path);
  } catch (cause) {
    if (!isCode(cause, 'EEXIST')) throw unusable(path, 'cannot be written', cause);
  } finally {
    await rm(draft, { force: true });
  }
  return readPageToken(path);
};

/** @throws PageTokenError */
export const readPageToken = async (path: string): Promise<string> => {
  const text = await readPrivate(path);
  if (!TOKEN.test(text)) throw unusable(path, 'does not hold a token');
  return text;
};

const readPrivate = async (path: string): Promise<string> => {
  try {
    const { mode } = await lstat(path);
    if ((mode & OTHERS) !== 0 && process.platform !== 'win32') {
      throw new PageTokenError(`the page's token ${path} can be read by others`, {
        advice: `Remove the file and start again: a new token is made. Links with the old one end.`,
      });
    }
    return (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    if (cause instanceof PageTokenError) throw cause;
    throw unusable(path, 'cannot be read', cause);
  }
};

const unusable = (path: string, why: string, cause?: unknown): PageTokenError =>
  new PageTokenError(`the page's token ${path} ${why}`, {
    advice: 'Remove the file and start again: a new token is made.',
    cause,
  });

const isCode = (caught: unknown, code: string): boolean =>
  caught instanceof Error && 'code' in caught && caught.code === code;

/** @returns whether what a stranger sent is the token; how long that takes tells nothing of how much of it is right */
export const tokenCheck = (token: string): ((given: string) => boolean) => {
  const expected = hashOf(token);
  return (given) => timingSafeEqual(hashOf(given), expected);
};

const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest();
