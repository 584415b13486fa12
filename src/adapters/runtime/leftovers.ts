// Ends what runs in an engine's name: its group after the leader is gone, or all that an Agent killed by SIGKILL
// left behind. Each process is recognised anew just before it is killed.
import { setTimeout as delay } from 'node:timers/promises';
import { bootId, liveMembers, type ProcessEntry, processesWithVariable } from './process-table.js';
import { type RuntimeRecord, readRuntimeRecord } from './runtime-record.js';

/** Set for each engine to its start directory; children inherit it even when they leave the process group. */
export const START_VARIABLE = 'RESULTITY_RUNTIME';

const POLL_MS = 10;
/** A process that outlives SIGKILL for so long hangs in the kernel; waiting longer would hold up the Agent. */
const UNKILLABLE_MS = 10_000;

/**
 * Kills until nothing is left.
 * @returns how many were killed and which are still there after ten seconds
 */
export const endAll = async (
  find: () => readonly ProcessEntry[],
): Promise<{ readonly killed: number; readonly unkillable: readonly number[] }> => {
  const killed = new Set<number>();
  const giveUpAt = performance.now() + UNKILLABLE_MS;
  for (;;) {
    const found = find();
    if (found.length === 0) return { killed: killed.size, unkillable: [] };
    if (performance.now() > giveUpAt) return { killed: killed.size, unkillable: found.map(({ pid }) => pid) };
    for (const { pid } of found) {
      killed.add(pid);
      sendSignal(pid, 'SIGKILL');
    }
    await delay(POLL_MS);
  }
};

/** Everything that belongs to the start in this directory. */
export const findLeftovers = (directory: string): readonly ProcessEntry[] => {
  const record = readRuntimeRecord(directory);
  const found = [
    ...(record === undefined ? [] : groupOf(record)),
    ...processesWithVariable(START_VARIABLE, directory),
  ];
  return [...new Map(found.map((entry) => [entry.pid, entry])).values()];
};

/** Live processes of the recorded group; none after a reboot, for then the numbers mean other processes. */
export const groupOf = (record: RuntimeRecord): readonly ProcessEntry[] =>
  record.startTicks === null || record.bootId !== bootId() ? [] : liveMembers(record.pid, record.startTicks);

/** @param target a pid, or a negated process group */
export const sendSignal = (target: number, signal: 'SIGTERM' | 'SIGKILL'): void => {
  try {
    process.kill(target, signal);
  } catch (error) {
    // Gone between finding and killing, or no longer ours to kill: who waits sees which of the two.
    if (!(error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'EPERM')))
      throw error;
  }
};
