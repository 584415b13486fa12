// Every call of a life that changes its disk, each with a name by which strace can find it again: the n-th of its kind on
// its file. One worker thread and determined names make that the same call at each run.
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface DurableCall {
  readonly kind: string;
  readonly path: string;
  /** Counted from 1. */
  readonly nth: number;
}

const CHANGING = [
  ...['openat', 'mkdir', 'mkdirat', 'write', 'writev', 'pwrite64', 'pwritev', 'ftruncate', 'fallocate'],
  ...['fsync', 'fdatasync', 'msync', 'rename', 'renameat', 'renameat2', 'link', 'linkat'],
  ...['unlink', 'unlinkat', 'rmdir', 'fchmod', 'chmod', 'fchmodat'],
];
const BEGIN = /^(\d+) +(\w+)\((.*)$/;
const FAILED = /= -1 E[A-Z]+ /;
const WORKING_DIRECTORY = /AT_FDCWD<[^>]*>/g;
const PATH = /<(\/[^>]*)>|"(\/[^"]*)"/;

export interface LifeRun {
  readonly program: string;
  readonly root: string;
  readonly says: string;
}

/** strace counts each thread's calls by itself: with one worker the order of calls is the program's. */
export const LIFE_ENVIRONMENT = { ...process.env, UV_THREADPOOL_SIZE: '1' };

/** Begins anew at the place, which keeps its name. */
export const freshLife = (program: string, scratch: string): LifeRun => {
  const [root, says] = [join(scratch, 'disk'), join(scratch, 'says')];
  for (const path of [root, says]) rmSync(path, { recursive: true, force: true });
  mkdirSync(root);
  return { program, root, says };
};

/** @throws where a call could not be hit: the n-th of another thread's, of its kind and on its file, comes before it */
export const durableCalls = async (life: LifeRun, scratch: string): Promise<readonly DurableCall[]> => {
  const trace = join(scratch, 'trace');
  const { program, root, says } = life;
  const options = ['-f', '-y', '-s', '0', '-o', trace, '-e', `trace=${CHANGING.join(',')}`];
  const env = LIFE_ENVIRONMENT;
  await promisify(execFile)('strace', [...options, process.execPath, program, root, says], { env });
  const calls: DurableCall[] = [];
  const counts = new Map<string, number>();
  const seen = new Set<string>();
  for (const line of readFileSync(trace, 'latin1').split('\n')) {
    const [, thread = '', kind = '', shown = ''] = BEGIN.exec(line) ?? [];
    const args = shown.replaceAll(WORKING_DIRECTORY, '');
    const [, ofDescriptor, ofName] = PATH.exec(args) ?? [];
    const path = ofDescriptor ?? ofName ?? '';
    if (!path.startsWith(`${root}/`)) continue;
    const nth = (counts.get(`${thread} ${kind} ${path}`) ?? 0) + 1;
    counts.set(`${thread} ${kind} ${path}`, nth);
    const name = `${kind} ${nth} on ${path}`;
    const isShadowed = seen.has(name);
    seen.add(name);
    // Counted, but it changes nothing: it failed, or opened a file to read it.
    if (FAILED.test(args) || (kind === 'openat' && !/O_CREAT|O_TRUNC/.test(args))) continue;
    if (isShadowed) throw new Error(`${name} comes from two threads`);
    calls.push({ kind, path, nth });
  }
  return calls;
};
