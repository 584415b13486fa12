// Claims a node for an owner. Two consents, always: the node's, for both requests are signed by it, and the owner's, who
// signs a text with a wallet or repeats a code from a mail.
import type { Logger } from 'pino';
import { ulid } from 'ulid';
import type { BindFinish, BindOffer, BindStart } from '../../protocol/http.js';
import { ownerConsentText, verifyOwnerConsent } from '../../protocol/owner-consent.js';
import { ProtocolError } from '../../protocol/protocol-error.js';
import { sameAddress } from '../../protocol/signature.js';
import type { Mailer } from '../mail/mailer.js';
import type { StoredNodeRegistry } from '../registry/create-node-registry.js';
import type { NodeRecord } from '../registry/node-registry.js';
import { canonicalOwner, sameOwner } from '../registry/owner.js';
import type { Clock } from '../scheduler/timing.js';
import type { NetworkStore } from '../store/store.js';
import type { NetworkKeys } from '../trust/network-keys.js';
import { type BindingRecord, createBindingBook } from './binding-book.js';
import {
  BindingExpiredError,
  BindingSpentError,
  ProofRefusedError,
  UnknownBindingError,
} from './binding-errors.js';
import { codeMail, isCode, newCode, type RandomBytes } from './email-code.js';

const OFFER_MINUTES = 10;
const OFFER_MS = OFFER_MINUTES * 60_000;
const MAX_TRIES = 5;

export interface BindingDesk {
  /**
   * Answers the same, as fast, whether anybody reads mail at an address or not: mails leave after the answer.
   * @param request whose signature and nonce were checked
   * @throws UnknownNodeError, AlreadyBoundError, TooManyBindingsError
   */
  start(request: BindStart): Promise<BindOffer>;
  /**
   * Repeated after a success, with the same proof, it answers the same.
   * @throws UnknownBindingError, BindingExpiredError, BindingSpentError, ProofRefusedError, AlreadyBoundError
   */
  finish(request: BindFinish): Promise<NodeRecord>;
  /** Resolves when no mail is under way. */
  idle(): Promise<void>;
}

export interface BindingDeps {
  readonly store: NetworkStore;
  readonly registry: StoredNodeRegistry;
  readonly mailer: Mailer;
  readonly keys: Pick<NetworkKeys, 'network'>;
  /** Where owners manage nodes; its host is the domain shown in a wallet's text. */
  readonly portalUrl: string;
  readonly clock: Clock;
  /** Of `node:crypto`: nonces and codes come from it. */
  readonly randomBytes: RandomBytes;
  readonly logger: Logger;
}

export const createBindingDesk = (deps: BindingDeps): BindingDesk => {
  const { store, registry, mailer, clock, randomBytes, portalUrl, logger } = deps;
  const { network } = deps.keys;
  const book = createBindingBook(store);
  const mails = new Set<Promise<void>>();

  const post = (to: string, code: string, node: string): void => {
    const mail = mailer
      .send({ to, ...codeMail(code, node, network.name, OFFER_MINUTES) })
      .catch((err: unknown) => {
        logger.error({ event: 'binding.mail_failed', node, err }, 'a code could not be mailed');
      });
    mails.add(mail);
    void mail.finally(() => mails.delete(mail));
  };

  const consentOf = (owner: string, node: string, issuedMs: number, expiresMs: number): string =>
    ownerConsentText({
      domain: new URL(portalUrl).host,
      uri: portalUrl,
      owner,
      node,
      network: network.name,
      chainId: network.chainId,
      nonce: randomBytes(16).toString('hex'),
      issuedMs,
      expiresMs,
    });

  /** The binding a proof is for, with the try counted on disk before the proof is looked at. */
  const countTry = (request: BindFinish): Promise<BindingRecord> =>
    store.transaction(() => {
      const held = book.find(request.binding);
      if (held === undefined || !sameAddress(held.node, request.node)) {
        throw new UnknownBindingError('this node has no such binding under way', { advice: 'Start again.' });
      }
      if (clock.nowMs() >= held.expires_ms) {
        throw new BindingExpiredError(`the binding ended after ${OFFER_MINUTES} minutes`, {
          advice: 'Start again and finish it in time.',
        });
      }
      if (held.tries >= MAX_TRIES) {
        throw new BindingSpentError(`${MAX_TRIES} proofs were tried`, { advice: 'Start again.' });
      }
      const counted = { ...held, tries: held.tries + 1 };
      book.save(counted);
      return counted;
    });

  return {
    start: async ({ node: claimed, owner: named }) => {
      const owner = canonicalOwner(named);
      const { node } = registry.checkBindable(claimed, owner);
      const nowMs = clock.nowMs();
      const expiresMs = nowMs + OFFER_MS;
      const offered = {
        binding: ulid(nowMs),
        node,
        owner,
        created_ms: nowMs,
        expires_ms: expiresMs,
        tries: 0,
        used: false,
      };
      if (owner.kind === 'wallet') {
        const text = consentOf(owner.address, node, nowMs, expiresMs);
        await store.transaction(() => book.open({ ...offered, secret: { kind: 'wallet', text } }));
        return { binding: offered.binding, expires_ms: expiresMs, message: text };
      }
      const { code, stored } = newCode(randomBytes);
      await store.transaction(() => book.open({ ...offered, secret: stored }));
      post(owner.email, code, node);
      return { binding: offered.binding, expires_ms: expiresMs };
    },
    finish: async (request) => {
      const held = await countTry(request);
      checkProof(held, request.proof);
      const outcome = await store.transaction(() => {
        const now = book.find(held.binding);
        if (now?.used !== false) {
          const record = registry.find(held.node);
          if (record?.owner && sameOwner(record.owner, held.owner)) return { record, told: () => {} };
          throw new BindingSpentError('this binding has served', { advice: 'Start again.' });
        }
        book.save({ ...now, used: true });
        return registry.bindNow(held.node, held.owner);
      });
      outcome.told();
      return outcome.record;
    },
    idle: async () => {
      await Promise.all(mails);
    },
  };
};

const checkProof = ({ owner, secret, tries }: BindingRecord, proof: BindFinish['proof']): void => {
  if (secret.kind === 'email' && proof.kind === 'email') {
    if (isCode(secret, proof.code)) return;
    throw new ProofRefusedError('this is not the code of the mail', {
      advice:
        tries < MAX_TRIES
          ? `Check the newest mail; ${MAX_TRIES - tries} tries are left.`
          : 'No tries are left: start again.',
    });
  }
  if (secret.kind === 'wallet' && proof.kind === 'wallet' && owner.kind === 'wallet') {
    try {
      verifyOwnerConsent(secret.text, proof.signature, owner.address);
      return;
    } catch (cause) {
      if (!(cause instanceof ProtocolError)) throw cause;
      throw new ProofRefusedError(
        `this is not the signature of ${owner.address} over the text that was offered`,
        {
          advice:
            'Sign exactly this text with exactly this wallet (personal_sign). Contract wallets cannot be used yet.',
          cause,
        },
      );
    }
  }
  throw new ProofRefusedError(`this binding is proved by ${secret.kind}, not by ${proof.kind}`, {
    advice: 'Give the proof that was asked for, or start again.',
  });
};
