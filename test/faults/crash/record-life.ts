// Runs a program under strace and returns what it asked of the disk.
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Call } from './calls.js';
import { parseTrace } from './parse-trace.js';

const TRACED = [
  ...['openat', 'open', 'creat', 'mkdir', 'mkdirat', 'close', 'lseek', 'write', 'writev', 'pwrite64'],
  ...['pwritev', 'pwritev2', 'ftruncate', 'truncate', 'fallocate', 'fsync', 'fdatasync', 'sync_file_range'],
  ...['rename', 'renameat', 'renameat2', 'link', 'linkat', 'unlink', 'unlinkat', 'rmdir', 'copy_file_range'],
];

/** Why nothing can be recorded here; undefined where it can. */
export const recordingObstacle = (): string | undefined => {
  try {
    execFileSync('strace', ['-o', '/dev/null', 'true'], { stdio: 'ignore' });
    return undefined;
  } catch {
    if (process.env.CI === 'true') throw new Error('the recordings of power loss need strace');
    console.warn(
      'SKIPPED: power loss is replayed from recordings made with strace, which cannot be run here.',
    );
    return 'no strace';
  }
};

/** Why no control can be recorded with eatmydata, which makes every sync of a program a lie; undefined where it can. */
export const eatmydataObstacle = (): string | undefined => {
  try {
    execFileSync('eatmydata', ['true'], { stdio: 'ignore' });
    return recordingObstacle();
  } catch {
    if (process.env.CI === 'true') throw new Error('the control of the recordings needs eatmydata');
    console.warn('SKIPPED: the control of lives without any sync needs eatmydata, which is not here.');
    return 'no eatmydata';
  }
};

/**
 * @param life the program's file in `lives/`; told a directory to live in and a file to say what it has promised
 * @param scratch an empty directory
 * @param under a program that runs it
 */
export const recordLife = async (
  life: string,
  scratch: string,
  under: readonly string[] = [],
): Promise<{ readonly calls: readonly Call[]; readonly root: string }> => {
  const [root, trace, says] = ['disk', 'trace', 'says'].map((name) => join(scratch, name)) as [
    string,
    string,
    string,
  ];
  mkdirSync(root);
  const options = ['-f', '-y', '-xx', '-s', '16777216', '-o', trace, '-e', `trace=${TRACED.join(',')}`];
  const program = ['--import', 'tsx', join(import.meta.dirname, 'lives', life), root, says];
  await promisify(execFile)('strace', [...options, ...under, process.execPath, ...program]);
  return { calls: parseTrace(readFileSync(trace, 'latin1'), root, says), root };
};
