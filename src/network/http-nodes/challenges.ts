// Nonces of signed requests: one use, 60 s. A nonce carries its own expiry under a MAC, so that handing them out costs no
// memory however many are asked for; only used ones are remembered, and only somebody who can sign uses one.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { TIMES } from '../../protocol/limits.js';
import type { Bytes32 } from '../../protocol/primitives.js';
import type { Clock } from '../scheduler/timing.js';
import { ChallengeRefusedError, ChallengesExhaustedError } from './http-errors.js';

export interface Challenges {
  issue(): { readonly nonce: Bytes32; readonly expires_ms: number };
  /** Uses a nonce up. Call it once the signature was checked. @throws ChallengeRefusedError, ChallengesExhaustedError */
  spend(nonce: Bytes32): void;
}

/** Bytes: expiry in ms, random, MAC; 32 together. */
const EXPIRY = 6;
const RANDOM = 10;
const BODY = EXPIRY + RANDOM;
const MAX_SPENT = 100_000;

/** @param maxSpent used nonces remembered at once, about 150 bytes each */
export const createChallenges = (clock: Clock, maxSpent = MAX_SPENT): Challenges => {
  const key = randomBytes(32); // of this process: a nonce does not outlive the memory of the used ones
  const spent = new Map<Bytes32, number>();
  const macOf = (body: Uint8Array): Buffer =>
    createHmac('sha256', key)
      .update(body)
      .digest()
      .subarray(0, 32 - BODY);

  const forgetExpired = (nowMs: number): void => {
    for (const [nonce, expiresMs] of spent) {
      if (expiresMs > nowMs) return; // those behind it follow within one life
      spent.delete(nonce);
    }
  };

  return {
    issue: () => {
      const expiresMs = clock.nowMs() + TIMES.challengeMs;
      const body = Buffer.concat([Buffer.alloc(EXPIRY), randomBytes(RANDOM)]);
      body.writeUIntBE(expiresMs, 0, EXPIRY);
      return { nonce: `0x${Buffer.concat([body, macOf(body)]).toString('hex')}`, expires_ms: expiresMs };
    },
    spend: (nonce) => {
      const nowMs = clock.nowMs();
      const bytes = Buffer.from(nonce.slice(2), 'hex');
      const body = bytes.subarray(0, BODY);
      if (bytes.length !== 32 || !timingSafeEqual(macOf(body), bytes.subarray(BODY))) {
        throw refused('this challenge was not given out here, or before a restart');
      }
      const expiresMs = body.readUIntBE(0, EXPIRY);
      if (expiresMs <= nowMs) throw refused(`this challenge ended after ${TIMES.challengeMs / 1000} s`);
      if (spent.has(nonce)) throw refused('this challenge was used before');
      forgetExpired(nowMs);
      if (spent.size >= maxSpent) {
        throw new ChallengesExhaustedError('too many signed requests within a minute', {
          advice: 'Try again in a minute.',
        });
      }
      spent.set(nonce, expiresMs);
    },
  };
};

const refused = (why: string): ChallengeRefusedError =>
  new ChallengeRefusedError(why, { advice: 'Ask for a new challenge and sign the request again.' });
