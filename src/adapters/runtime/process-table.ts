// Which processes there are, from /proc: enough to know a process again without trusting its number, which the
// system gives out anew. Where there is no /proc (macOS) nothing is found, so nothing is ever killed by mistake.
import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessEntry {
  readonly pid: number;
  readonly group: number;
  readonly session: number;
  /** Clock ticks from the system's boot to the process's start: with the pid and the boot id it names one process. */
  readonly startTicks: number;
  /** Dead, and only not yet waited for by its parent. */
  readonly isZombie: boolean;
}

/** Field numbers of proc(5) `stat`, counted from the state, which is field 3. */
const STATE = 0;
const GROUP = 2;
const SESSION = 3;
const START_TICKS = 19;

/** undefined: there is no such process. */
export const readProcess = (pid: number): ProcessEntry | undefined => {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  return parseStat(pid, text);
};

/** The command's name stands in parentheses and may hold blanks and parentheses itself. */
export const parseStat = (pid: number, text: string): ProcessEntry | undefined => {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [group, session, startTicks] = [GROUP, SESSION, START_TICKS].map((at) => Number(fields[at]));
  if (group === undefined || session === undefined || startTicks === undefined) return undefined;
  if (![group, session, startTicks].every(Number.isSafeInteger)) return undefined;
  return { pid, group, session, startTicks, isZombie: fields[STATE] === 'Z' || fields[STATE] === 'X' };
};

/** All live processes of a group. A number taken over by a stranger as leader of a new group gives none. */
export const liveMembers = (group: number, leaderStartTicks: number): readonly ProcessEntry[] => {
  const leader = readProcess(group);
  if (leader !== undefined && leader.startTicks !== leaderStartTicks) return [];
  // The driver starts each engine in a session of its own, so whoever is in the group is in that session.
  return listProcesses().filter(
    (entry) =>
      entry.group === group &&
      entry.session === group &&
      !entry.isZombie &&
      entry.startTicks >= leaderStartTicks,
  );
};

/** Processes that were given this variable at their start, as far as they still show it. */
export const processesWithVariable = (name: string, value: string): readonly ProcessEntry[] => {
  const wanted = `${name}=${value}`;
  return listProcesses().filter(({ pid, isZombie }) => {
    if (isZombie) return false;
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(wanted);
    } catch {
      return false; // gone, or somebody else's
    }
  });
};

/** Changes with every boot; undefined where the system does not tell. */
export const bootId = (): string | undefined => {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return undefined;
  }
};

const listProcesses = (): readonly ProcessEntry[] => {
  let names: readonly string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return [];
  }
  return names.flatMap((name) => (/^\d+$/.test(name) ? (readProcess(Number(name)) ?? []) : []));
};
