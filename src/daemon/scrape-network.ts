// What the metrics say of the node in one network, gathered from its parts.
import type { NetworkScrape } from '../console/metrics/scrape.js';
import type { ConfigInForce } from '../services/config-in-force.js';
import type { JobBoard } from '../services/job-board.js';
import type { ServingCounts } from '../services/serving-figures.js';
import type { SessionFacts } from '../services/session-facts.js';
import type { NetworkView } from './view-network.js';

/** Its label is given where all networks are known: two may have the same name. */
export type OwnScrape = Omit<NetworkScrape, 'network'>;

export interface ScrapeParts {
  readonly view: NetworkView;
  readonly figures: ServingCounts;
  readonly board: JobBoard;
  readonly facts: SessionFacts;
  readonly config: ConfigInForce;
}

export const scrapeNetwork = ({ view, figures, board, facts, config }: ScrapeParts): OwnScrape => {
  const inForce = config.current();
  return {
    status: view.own(),
    work: figures,
    journal: view.status().journal ?? null,
    longestInOutboxMs: board.longestInOutboxMs(),
    config:
      inForce === undefined
        ? null
        : {
            issuedMs: inForce.snapshot.issued_ms,
            expiresMs: inForce.snapshot.expires_ms,
            isBehind: facts.offered !== null && facts.offered.digest !== inForce.digest,
          },
    clockOffsetMs: facts.lastAckMs === 0 ? undefined : facts.clockOffsetMs,
  };
};
