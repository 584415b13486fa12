// Tokens come from proved models only: what a node had announced when it accepted, and what its receipts name.
import type { History } from '../history.js';
import type { Invariant } from '../invariant.js';
import { seenReceipts } from '../seen-receipts.js';

/** Accepts of attempts whose model the node had not announced as active in that session. */
const acceptFaults = (history: History): string[] => {
  const active = new Map<number, Set<string>>();
  const offered = new Map<string, string>();
  const wrong: string[] = [];
  for (const { link, said } of history.of('frame')) {
    if (said.t === 'hello' || said.t === 'heartbeat') {
      const known = active.get(link) ?? new Set();
      for (const { digest, state } of said.models) if (state === 'active') known.add(digest);
      active.set(link, known);
    } else if (said.t === 'job.offer') {
      offered.set(`${link} ${said.job} ${said.attempt}`, said.model.digest);
    } else if (said.t === 'job.accept') {
      const model = offered.get(`${link} ${said.job} ${said.attempt}`);
      if (model !== undefined && active.get(link)?.has(model) === true) continue;
      wrong.push(`attempt ${said.job} ${said.attempt} was accepted for a model that was not proved`);
    }
  }
  return wrong;
};

const receiptFaults = (history: History): string[] => {
  const published = new Map(history.of('published').map((one) => [one.digest, one]));
  return seenReceipts(history).flatMap(({ receipt, digest }) => {
    if (receipt.completion_tokens === 0) return [];
    const config = published.get(receipt.config_digest);
    const isListed = config?.models.some(
      (model) => model.digest === receipt.model_digest && model.id === receipt.model && model.enabled,
    );
    return config?.version === receipt.config_version && isListed === true
      ? []
      : [`receipt ${digest} is for tokens of a model its configuration does not list`];
  });
};

export const verifiedModels: Invariant = {
  id: 'I7',
  rule: 'no token is served from a model that was not verified and listed at that time',
  evidence: (history) => history.of('frame').filter(({ said }) => said.t === 'job.accept').length,
  violations: (history) => [...acceptFaults(history), ...receiptFaults(history)],
};
