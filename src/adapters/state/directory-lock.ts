// One daemon per data directory: a kernel lock on one file, held by the open file and gone with the process, whatever
// ends it. It also holds between containers that share a volume; it does not reach across hosts or network file systems.
import { ftruncateSync, writeSync } from 'node:fs';
import { constants, type FileHandle, open } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { tryLock, unlock } from 'fs-native-extensions';
import { z } from 'zod';
import { DaemonRunningError, systemCode } from './state-errors.js';

const lockHolder = z.object({ pid: z.int().min(1), host: z.string().max(255), started_ms: z.int().min(0) });
export type LockHolder = z.infer<typeof lockHolder>;

const MAX_LOCK_BYTES = 1024;

/** What the lock file says of its holder; undefined when it says nothing readable. */
const readHolder = async (file: FileHandle): Promise<LockHolder | undefined> => {
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_LOCK_BYTES), 0, MAX_LOCK_BYTES, 0);
    return lockHolder.parse(JSON.parse(buffer.toString('utf8', 0, bytesRead)));
  } catch {
    return undefined; // read between the holder's truncate and write: the lock counts, not the words
  }
};

/** Whether it says nothing, or names a process of this host that is gone: one that was killed cannot clear it. */
const isStale = (holder: LockHolder | undefined): boolean => {
  if (holder === undefined) return true;
  if (holder.host !== hostname()) return false;
  try {
    process.kill(holder.pid, 0);
    return false;
  } catch (caught) {
    return systemCode(caught) === 'ESRCH';
  }
};

const NAMED_WITHIN = { tries: 100, everyMs: 20 };

/** Between its lock and its name in the file a holder needs a moment, and a hundred may be starting at once. */
const waitForHolder = async (file: FileHandle): Promise<LockHolder | undefined> => {
  for (let left = NAMED_WITHIN.tries; left > 0; left--) {
    const holder = await readHolder(file);
    if (!isStale(holder)) return holder;
    await pause(NAMED_WITHIN.everyMs);
  }
  return undefined;
};

const refusal = (path: string, holder: LockHolder | undefined): DaemonRunningError =>
  new DaemonRunningError(
    holder === undefined
      ? `another daemon holds ${path}`
      : `another daemon holds ${path}: process ${holder.pid} on ${holder.host}, since ${new Date(holder.started_ms).toISOString()}`,
    {
      advice: 'Stop the other daemon first, or give this one a data directory of its own (--data-dir).',
      details: { ...holder },
    },
  );

/**
 * @returns gives the lock back
 * @throws DaemonRunningError naming process and host
 */
export const lockDirectory = async (path: string): Promise<() => Promise<void>> => {
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags, 0o600);
  try {
    if (!tryLock(file.fd)) throw refusal(path, await waitForHolder(file));
    const holder: LockHolder = { pid: process.pid, host: hostname(), started_ms: Date.now() };
    // At once, with nothing in between: others are reading who it is.
    ftruncateSync(file.fd, 0);
    writeSync(file.fd, `${JSON.stringify(holder)}\n`, 0);
  } catch (caught) {
    await file.close();
    throw caught;
  }
  let released: Promise<void> | undefined;
  const release = async () => {
    // The file stays: removing it would let a third daemon lock a new file while a second waits at the old one.
    try {
      ftruncateSync(file.fd, 0);
    } catch {
      // A name that stays does no harm: whoever takes the lock writes its own over it.
    }
    unlock(file.fd);
    await file.close();
  };
  return () => {
    released ??= release();
    return released;
  };
};
