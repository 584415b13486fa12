// What was found damaged on this node's disk, and what became of it: told in the log at once, and kept for the owner's
// next look at the status.
import type { Logger } from 'pino';

/**
 * `previous`: the copy before took its place. `rebuilt`: made anew from what the network has signed. `fetched`: the network
 * is asked for it anew. `begun_anew`: it starts empty. `set_aside`: the entry is not believed, all others are.
 */
export type RepairKind = 'previous' | 'rebuilt' | 'fetched' | 'begun_anew' | 'set_aside';

export interface Repair {
  /** e.g. `devnet/floor` */
  readonly what: string;
  readonly how: RepairKind;
  /** Names of the damaged files, kept where they were. */
  readonly kept: readonly string[];
  readonly times: number;
  /** Of the last time; epoch milliseconds. */
  readonly atMs: number;
}

export interface Repairs {
  note(repair: Pick<Repair, 'what' | 'how'> & { readonly kept?: readonly string[] }, logger: Logger): void;
  /** Since the start of the process. */
  list(): readonly Repair[];
}

/** A disk that dies names more than anybody reads. */
const MOST = 32;

const SAID: Readonly<Record<RepairKind, string>> = {
  previous: 'it was damaged: the copy before it took its place',
  rebuilt: 'it was damaged: made anew from what the network has signed',
  fetched: 'it was damaged: the network is asked for it anew',
  begun_anew: 'it was damaged: it begins anew',
  set_aside: 'an entry was damaged: it is set aside',
};

export const createRepairs = (nowMs: () => number): Repairs => {
  const known = new Map<string, Repair>();
  return {
    note: ({ what, how, kept = [] }, logger) => {
      const before = known.get(`${what} ${how}`);
      const all = [...(before?.kept ?? []), ...kept].slice(-MOST);
      if (before !== undefined || known.size < MOST)
        known.set(`${what} ${how}`, { what, how, kept: all, times: (before?.times ?? 0) + 1, atMs: nowMs() });
      logger.warn({ event: 'state.repaired', what, how, kept }, SAID[how]);
    },
    list: () => [...known.values()],
  };
};
