// One life of a node's process, from its start to however it ends.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type LifeOrder, type LifeWord, lifeWord } from './kill-order.js';

export interface NodeLife {
  /** Milliseconds from its start until it served; null when it never did. */
  readonly ready: Promise<number | null>;
  readonly ended: Promise<{
    readonly wasKilled: boolean;
    readonly signal: string | null;
    readonly code: number | null;
  }>;
  kill(signal: NodeJS.Signals): void;
  /** Most memory it has had, in bytes; null when it is gone. */
  memory(): number | null;
  readonly stderr: () => string;
}

/** @param script the bundled process */
export const startNodeLife = (script: string, order: Omit<LifeOrder, 'spawnedMs'>): NodeLife => {
  const told = JSON.stringify({ ...order, spawnedMs: Date.now() } satisfies LifeOrder);
  // No PATH: the host probe's tools are of no use here, and each start would run several.
  const child = spawn(process.execPath, [script, told], {
    env: { PATH: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (text: Buffer) => {
    stderr += text;
  });
  let wasKilled = false;
  let tellReady: (tookMs: number | null) => void = () => {};
  const ready = new Promise<number | null>((resolve) => {
    tellReady = resolve;
  });
  const hear = (line: string): void => {
    const word: LifeWord = lifeWord.parse(JSON.parse(line));
    if (word.word === 'ready') tellReady(word.tookMs);
    if (word.word === 'dying') wasKilled = true;
  };
  createInterface({ input: child.stdout }).on('line', hear);
  const ended = new Promise<Awaited<NodeLife['ended']>>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      tellReady(null);
      resolve({ wasKilled, signal, code });
    });
  });
  return {
    ready,
    ended,
    kill: (signal) => void child.kill(signal),
    memory: () => {
      try {
        const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
        const [, kib] = /^VmHWM:\s+(\d+) kB/m.exec(status) ?? [];
        return kib === undefined ? null : Number(kib) * 1024;
      } catch {
        return null; // ended meanwhile
      }
    },
    stderr: () => stderr,
  };
};
