// The vector units a CPU engine chooses its kernels by. Linux on x86 only; elsewhere nothing is told.
import { readFile } from 'node:fs/promises';

const TOLD_BY: Readonly<Record<string, string>> = { avx2: 'avx2', avx512f: 'avx512f', amx_tile: 'amx' };

/** @param text of /proc/cpuinfo; the first processor speaks for all. @returns undefined where no line tells flags */
export const readCpuFlags = (text: string): string[] | undefined => {
  const line = /^flags\s*:(.*)$/m.exec(text)?.[1];
  if (line === undefined) return undefined;
  const flags = new Set(line.trim().split(/\s+/));
  return Object.entries(TOLD_BY).flatMap(([flag, name]) => (flags.has(flag) ? [name] : []));
};

export const cpuFlags = async (file = '/proc/cpuinfo'): Promise<string[] | undefined> =>
  readCpuFlags(await readFile(file, 'utf8').catch(() => ''));
