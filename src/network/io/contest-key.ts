// Two processes with one key: who holds the session keeps it for as long as it shows signs of life, and both learn where
// the other is. A node that was restarted finds its old session dead and takes its place.
import { CLOSE } from '../../protocol/codes.js';
import type { Elsewhere } from '../../protocol/messages/session.js';
import { SessionRefusedError } from './session-refused-error.js';

export interface KeyHolder {
  readonly whereabouts: Elsewhere;
  provesLife(withinMs: number): Promise<boolean>;
  tellOfSecond(newcomer: Elsewhere): void;
}

/** For an answer over a slow line; the newcomer waits for its welcome meanwhile. */
const PROOF_WITHIN_MS = 3_000;
/** The refused one may be meant to take over one day: it comes back, and not often. */
const COME_BACK_MS = 60_000;

/**
 * Resolves once nobody else alive holds the key.
 * @param holder asked anew after each proof, for a third may have come meanwhile
 * @throws SessionRefusedError that names the one who does
 */
export const contestKey = async (holder: () => KeyHolder | undefined, newcomer: Elsewhere): Promise<void> => {
  let dead: KeyHolder | undefined;
  for (let one = holder(); one !== undefined && one !== dead; one = holder()) {
    if (await one.provesLife(PROOF_WITHIN_MS)) {
      one.tellOfSecond(newcomer);
      const { address, at_ms } = one.whereabouts;
      throw new SessionRefusedError(
        CLOSE.inUse,
        'key_in_use',
        `another process uses this node's key: it is connected from ${address} since ${new Date(at_ms).toISOString()}`,
        { elsewhere: one.whereabouts, retry_after_ms: COME_BACK_MS },
      );
    }
    dead = one;
  }
};
