// Which node gets a job: pure. First whether it may, then who is least loaded, then who is fastest, then chance.
import type { Standing } from '../../protocol/messages/session.js';

/** What the scheduler knows of a connected node. */
export interface Candidate {
  readonly node: string;
  readonly standing: Pick<Standing, 'state'>;
  /** Models `active` in its last word: id to digest. */
  readonly models: ReadonlyMap<string, string>;
  readonly configDigest: string | null;
  readonly draining: boolean;
  readonly paused: boolean;
  /** Running total of offers the node allows in this session, and of those made. */
  readonly creditLimit: number;
  readonly offersSent: number;
  /** Jobs it runs at once; null until it said so. */
  readonly slotsTotal: number | null;
  /** Attempts the network counts on it: offered or accepted. */
  readonly inflight: number;
}

export interface Wanted {
  readonly model: string;
  readonly modelDigest: string;
  readonly configDigest: string;
}

/** Serves this model under this configuration, busy or not. */
export const canServe = (node: Candidate, wanted: Wanted): boolean =>
  node.standing.state === 'active' &&
  !node.draining &&
  !node.paused &&
  node.slotsTotal !== 0 &&
  node.configDigest === wanted.configDigest &&
  node.models.get(wanted.model) === wanted.modelDigest;

/** One more offer stays within what the node announced. Credits, not free slots, bound its queue. */
export const hasCredit = (node: Candidate): boolean => node.offersSent < node.creditLimit;

const load = (node: Candidate): number => node.inflight / Math.max(1, node.slotsTotal ?? 1);

/**
 * @param speed tokens per second this node has shown, undefined for a node not yet measured: those come first, so
 * that every node gets measured
 * @param rng uniform in [0, 1)
 */
export const chooseNode = <C extends Candidate>(
  candidates: readonly C[],
  speed: (node: string) => number | undefined,
  rng: () => number,
): C | undefined => {
  let best: C[] = [];
  for (const one of candidates) {
    const leader = best[0];
    const order = leader === undefined ? -1 : compare(one, leader, speed);
    if (order < 0) best = [one];
    else if (order === 0) best.push(one);
  }
  return best[Math.floor(rng() * best.length)];
};

const compare = (one: Candidate, other: Candidate, speed: (node: string) => number | undefined): number => {
  const byLoad = load(one) - load(other);
  if (byLoad !== 0) return byLoad;
  const a = speed(one.node) ?? Number.POSITIVE_INFINITY;
  const b = speed(other.node) ?? Number.POSITIVE_INFINITY;
  return a === b ? 0 : b - a;
};
