// What counts against a node, and when it is enough: a few failures in a row bring a cool-down with a reason the
// owner can read. An exclusion an operator set is never touched.
import type { Logger } from 'pino';
import type { OutcomeCode } from '../../protocol/codes.js';
import type { CoreOptions } from '../desk/core-options.js';
import type { NodeRecord, NodeRegistry } from '../registry/node-registry.js';
import type { Clock } from '../scheduler/timing.js';
import { hasEndedEngine } from './suspect-jobs.js';

/** Jobs that end with their engine end together, within some network delay, and so do the leases of a node that fell silent: that is one failure. */
const TOGETHER_MS = 10_000;

/** The node kept silent for longer than the lease of a job it had accepted. */
export const LEASE_LOST = 'lease_lost';

/** Outcomes a node is answerable for. `interrupted` (a planned stop) and what the client caused are not among them. */
const BLAMED: ReadonlySet<OutcomeCode> = new Set<OutcomeCode>([
  'runtime_crashed',
  'runtime_oom',
  'runtime_stalled',
  'runtime_unreachable',
  'output_malformed',
  'slow_link',
  'internal',
]);

export const isBlamed = (outcome: OutcomeCode): boolean => BLAMED.has(outcome);

export interface Strikes {
  /**
   * @param code why, from the lists of protocol v1
   * @param atLeast failures known from elsewhere, which a good result in between does not make undone
   */
  strike(node: string, code: string, atLeast?: number): void;
  /** A good result ends the row, and names the newest receipt. */
  success(node: string, receipt: { readonly seq: number; readonly digest: string }): void;
  /** A session began or ended. */
  seen(node: string): void;
  /** Resolves when all that was counted is on disk. */
  settled(): Promise<void>;
}

export interface StrikesDeps {
  readonly registry: NodeRegistry;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly options: Pick<CoreOptions, 'strikeLimit' | 'cooldownMs' | 'maxCooldownMs'>;
}

export const createStrikes = ({ registry, clock, logger, options }: StrikesDeps): Strikes => {
  const writes = new Set<Promise<void>>();
  const countedMs = new Map<string, number>();

  /** Whether the end of this engine, or this silence, has been counted a moment ago. */
  const isCounted = (node: string, code: string): boolean => {
    if (!hasEndedEngine(code) && code !== LEASE_LOST) return false;
    const key = `${node.toLowerCase()} ${code === LEASE_LOST ? 'silence' : 'engine'}`;
    const lastMs = countedMs.get(key);
    if (lastMs !== undefined && clock.nowMs() - lastMs < TOGETHER_MS) return true;
    countedMs.set(key, clock.nowMs());
    return false;
  };

  const update = (node: string, change: (record: NodeRecord) => NodeRecord): void => {
    const write = registry.update(node, change).then(
      () => {},
      (err: unknown) => logger.error({ event: 'node.not_updated', node, err }),
    );
    writes.add(write);
    void write.then(() => writes.delete(write));
  };
  return {
    strike: (node, code, atLeast = 0) => {
      if (isCounted(node, code)) return;
      logger.warn({ event: 'node.strike', node, code });
      update(node, (record) => struck(record, code, clock.nowMs(), options, atLeast));
    },
    success: (node, receipt) => {
      update(node, (record) => ({
        ...record,
        strikes: 0,
        last_receipt: (record.last_receipt?.seq ?? -1) > receipt.seq ? record.last_receipt : receipt,
      }));
    },
    seen: (node) => update(node, (record) => ({ ...record, last_seen_ms: clock.nowMs() })),
    settled: async () => {
      await Promise.all(writes);
    },
  };
};

/** The record with one strike more; pure. */
export const struck = (
  record: NodeRecord,
  code: string,
  nowMs: number,
  options: StrikesDeps['options'],
  atLeast = 0,
): NodeRecord => {
  const strikes = Math.max(record.strikes + 1, atLeast);
  const isOurs = record.exclusion === null || record.exclusion.state === 'cooldown';
  if (strikes < options.strikeLimit || !isOurs) return { ...record, strikes };
  const length = Math.min(options.maxCooldownMs, options.cooldownMs * 2 ** (strikes - options.strikeLimit));
  const minutes = Math.max(1, Math.round(length / 60_000));
  return {
    ...record,
    strikes,
    exclusion: {
      state: 'cooldown',
      code,
      text: `${strikes} failures, the last one '${code}'; no new jobs for ${minutes} minute(s). Look at the node's log and its Runtime.`,
      until_ms: nowMs + length,
    },
  };
};
