// Lives a life of which one call is hit.
import { execFile } from 'node:child_process';
import { type DurableCall, LIFE_ENVIRONMENT, type LifeRun } from './durable-calls.js';

export interface HitLife {
  readonly stdout: string;
  /** What the program said when it broke, and what strace saw. */
  readonly stderr: string;
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  /** Whether the call came at all. */
  readonly wasHit: boolean;
}

/** @param fault in strace's words: `signal=KILL`, `error=EIO` */
export const liveWithFault = (
  life: LifeRun,
  { kind, path, nth }: DurableCall,
  fault: string,
): Promise<HitLife> =>
  new Promise((resolve, reject) => {
    const hit = `inject=${kind}:${fault}:when=${nth}`;
    const options = ['-f', '-o', '!cat >&2', '-P', path, '-e', `trace=${kind}`, '-e', hit];
    // Then the kernel stops the program at these calls only. (strace 6.1 loses its signals that way, not its errors.)
    if (!fault.startsWith('signal=')) options.unshift('--seccomp-bpf');
    const args = [...options, process.execPath, life.program, life.root, life.says];
    execFile('strace', args, { env: LIFE_ENVIRONMENT, timeout: 60_000 }, (error, stdout, stderr) => {
      if (error !== null && error.killed === true) {
        reject(new Error(`the life did not end after ${fault} at ${kind} ${nth} on ${path}: ${stderr}`));
        return;
      }
      const code = typeof error?.code === 'number' ? error.code : 0;
      const signal = error?.signal ?? (code > 128 ? `signal ${code - 128}` : undefined);
      resolve({
        stdout,
        stderr,
        exitCode: signal === undefined ? code : undefined,
        signal,
        wasHit: stderr.includes('(INJECTED)') || stderr.includes('killed by SIGKILL'),
      });
    });
  });
