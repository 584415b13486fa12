// A disk that refuses a running process from now on, and takes its writes again later. (The kernel remounts no disk
// read-only while a file is open for writing, so strace answers in its place.)
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const CALLS = {
  /** A read-only file system says so to whoever asks first. */
  EROFS: 'access,write,writev,pwrite64,pwritev,ftruncate,rename,unlink,mkdir,openat',
  /** A disk that fails takes writes into memory, and fails when they are brought to it. */
  EIO: 'fsync,fdatasync',
} as const;
export type DiskError = keyof typeof CALLS;

/** @param paths exactly these files and directories. @returns lets everything through again; safe to call twice */
export const failDisk = async (
  pid: number,
  paths: readonly string[],
  error: DiskError,
): Promise<() => Promise<void>> => {
  const calls = CALLS[error];
  const options = ['-f', '-o', '/dev/null', '-e', `trace=${calls}`, '-e', `inject=${calls}:error=${error}`];
  for (const path of paths) options.push('-P', path);
  const strace = spawn('strace', [...options, '-p', String(pid)], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(strace, 'exit');
  let said = '';
  strace.stderr.on('data', (text: Buffer) => {
    said += String(text);
  });
  while (!said.includes('attached')) {
    const first = await Promise.race([once(strace.stderr, 'data'), ended.then(() => undefined)]);
    if (first === undefined) throw new Error(`strace did not attach: ${said}`);
  }
  return async () => {
    strace.kill('SIGINT');
    await ended;
  };
};
