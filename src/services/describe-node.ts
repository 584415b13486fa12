// What the node says of itself in hello and heartbeat, gathered from the parts that know it.
import type { JobJournal } from '../adapters/journal/job-journal.js';
import type { NodeContext } from '../machines/node/node-events.js';
import { PROTOCOL_VERSION } from '../protocol/limits.js';
import type { Heartbeat } from '../protocol/messages/presence.js';
import type { Hello } from '../protocol/messages/session.js';
import type { NetworkId } from '../protocol/network-id.js';
import { receiptHash } from '../protocol/receipt.js';
import type { ConfigInForce } from './config-in-force.js';
import type { JobBoard } from './job-board.js';
import type { Membership } from './membership.js';
import type { SessionFacts } from './session-facts.js';
import type { Slots } from './slots.js';

export interface DescribeParts {
  readonly membership: Membership;
  readonly config: ConfigInForce;
  readonly board: JobBoard;
  readonly slots: Slots;
  readonly facts: SessionFacts;
  readonly agentVersion: string;
  /** Random per process. */
  readonly instance: string;
  readonly context: () => NodeContext;
  readonly runtime: () => Heartbeat['runtime'];
  readonly prefs: () => Heartbeat['prefs'];
}

/** Entries a hello may list: protocol.md 1.13. */
const MAX_LISTED = 1_000;

const outboxOf = (journal: JobJournal, network: NetworkId): Hello['outbox'] =>
  journal
    .pending()
    .flatMap(({ receipt }) =>
      receipt === null
        ? []
        : [
            {
              job: receipt.job,
              attempt: receipt.attempt,
              receipt_digest: `sha256:${receiptHash(network, receipt).slice(2)}`,
            },
          ],
    )
    .slice(0, MAX_LISTED);

export const describeHello = (parts: DescribeParts): Omit<Hello, 'nonce' | 'node' | 'audience'> => {
  const { journal, id } = parts.membership.network.get();
  const outbox = outboxOf(journal, id);
  // A session may begin days after the last: the heartbeats in it tell the whole profile anew.
  void parts.membership.hardware.whole();
  return {
    instance: parts.instance,
    agent_version: parts.agentVersion,
    protocol: PROTOCOL_VERSION,
    config_digest: parts.config.current()?.digest ?? null,
    models: parts.context().models.map(({ id: model, digest, state }) => ({ id: model, digest, state })),
    running: parts.board
      .running()
      .slice(0, MAX_LISTED)
      .map(({ job, attempt }) => ({ job, attempt })),
    outbox,
  };
};

export const describeHeartbeat = (parts: DescribeParts): Heartbeat => {
  const { membership, board, slots, facts } = parts;
  const context = parts.context();
  const load = board.load();
  return {
    network: membership.network.get().id.name,
    agent_version: parts.agentVersion,
    protocol: PROTOCOL_VERSION,
    config_digest: parts.config.current()?.digest ?? null,
    runtime: parts.runtime(),
    models: context.models.map(({ id, digest, state, reason }) => ({
      id,
      digest,
      state,
      ...(reason === null ? {} : { reason }),
    })),
    hardware: membership.hardware.get(),
    jobs: { running: slots.taken, queued: slots.waiting, outbox: load.outbox },
    credit_limit: board.creditLimit,
    prefs: parts.prefs(),
    clock_offset_ms: Math.round(facts.clockOffsetMs),
  };
};
