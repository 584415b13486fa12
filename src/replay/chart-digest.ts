// Tells whether a statechart is the one a recording was made with: a digest of everything it is written as. Parts are
// named in a chart, never inlined, so names stand for functions.
import { createHash } from 'node:crypto';
import type { AnyStateMachine } from 'xstate';

const named = (_key: string, part: unknown): unknown =>
  typeof part === 'function' ? (part.name === '' ? 'function' : part.name) : part;

/** @returns the first 16 hex digits of its SHA-256 */
export const chartDigest = (machine: AnyStateMachine): string =>
  createHash('sha256').update(JSON.stringify(machine.config, named)).digest('hex').slice(0, 16);

export const chartDigests = (machines: Readonly<Record<string, AnyStateMachine>>): Record<string, string> =>
  Object.fromEntries(Object.entries(machines).map(([name, machine]) => [name, chartDigest(machine)]));
