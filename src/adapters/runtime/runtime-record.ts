// The file beside an engine's socket that names its process beyond doubt: pid, start time and boot.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { bootId, readProcess } from './process-table.js';

const recordSchema = z.strictObject({
  version: z.literal(1),
  /** Also the number of its process group and session. */
  pid: z.int().min(2),
  /** Clock ticks since boot; null where the system does not tell. */
  startTicks: z.int().min(0).nullable(),
  bootId: z.string().nullable(),
  socketPath: z.string(),
});

export type RuntimeRecord = z.infer<typeof recordSchema>;

const FILE = 'runtime.json';

/** Whole or not at all. Synchronous, so that nothing comes between the start of a process and its record. */
export const writeRuntimeRecord = (directory: string, pid: number, socketPath: string): RuntimeRecord => {
  const record: RuntimeRecord = {
    version: 1,
    pid,
    startTicks: readProcess(pid)?.startTicks ?? null,
    bootId: bootId() ?? null,
    socketPath,
  };
  const path = join(directory, FILE);
  writeFileSync(`${path}.new`, JSON.stringify(record), { mode: 0o600, flag: 'wx' });
  renameSync(`${path}.new`, path);
  return record;
};

/** undefined: none, or not one of ours. */
export const readRuntimeRecord = (directory: string): RuntimeRecord | undefined => {
  try {
    return recordSchema.parse(JSON.parse(readFileSync(join(directory, FILE), 'utf8')));
  } catch {
    return undefined;
  }
};
