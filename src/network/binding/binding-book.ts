// The bindings under way, on disk: what was offered to whom, how often a proof was tried, and whether it has served.
import { encodeTime } from 'ulid';
import { z } from 'zod';
import { ownerRef } from '../../protocol/http.js';
import { address, count, millis, ulid } from '../../protocol/primitives.js';
import { sameAddress } from '../../protocol/signature.js';
import { sameOwner } from '../registry/owner.js';
import type { NetworkStore } from '../store/store.js';
import { TooManyBindingsError } from './binding-errors.js';
import { storedCode } from './email-code.js';

const bindingRecord = z.object({
  binding: ulid,
  node: address,
  owner: ownerRef,
  created_ms: millis,
  expires_ms: millis,
  tries: count,
  used: z.boolean(),
  /** What the proof is compared with: the exact text to be signed, or the code's hash. */
  secret: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('wallet'), text: z.string() }),
    storedCode,
  ]),
});
export type BindingRecord = z.infer<typeof bindingRecord>;

const HOUR_MS = 3_600_000;
const KEPT_MS = 24 * HOUR_MS;
/** Bindings a node may start, and mails an address may be sent, per hour. */
const PER_NODE = 10;
const PER_EMAIL = 5;
/** Old records removed with each new one. */
const PRUNED = 100;

export interface BindingBook {
  /** All but `find` only inside a store transaction. */
  find(binding: string): BindingRecord | undefined;
  /** @throws TooManyBindingsError */
  open(record: BindingRecord): void;
  save(record: BindingRecord): void;
}

export const createBindingBook = (store: NetworkStore): BindingBook => {
  const bindings = store.table('bindings', bindingRecord);
  const since = (ms: number) => ({ start: firstUlidOf(ms) });

  const insistFew = (times: readonly number[], most: number, nowMs: number, what: string): void => {
    if (times.length < most) return;
    const oldest = times.at(-most) ?? nowMs;
    throw new TooManyBindingsError(`${what} within an hour`, Math.max(1_000, oldest + HOUR_MS - nowMs), {
      advice: 'Wait, and use the newest code or text that was offered.',
    });
  };

  return {
    find: (binding) => bindings.get(binding),
    open: (record) => {
      const { created_ms: nowMs, node, owner } = record;
      const old = [...bindings.range({ end: firstUlidOf(nowMs - KEPT_MS), limit: PRUNED })];
      for (const { key } of old) bindings.remove(key);
      const recent = [...bindings.range(since(nowMs - HOUR_MS))].map(({ value }) => value);
      const timesOf = (isMeant: (one: BindingRecord) => boolean) =>
        recent.filter(isMeant).map(({ created_ms }) => created_ms);
      insistFew(
        timesOf((one) => sameAddress(one.node, node)),
        PER_NODE,
        nowMs,
        `this node asked to be bound ${PER_NODE} times`,
      );
      if (owner.kind === 'email') {
        insistFew(
          timesOf((one) => sameOwner(one.owner, owner)),
          PER_EMAIL,
          nowMs,
          `${PER_EMAIL} codes were sent to this address`,
        );
      }
      bindings.put(record.binding, record);
    },
    save: (record) => bindings.put(record.binding, record),
  };
};

/** The smallest ULID of a moment. */
const firstUlidOf = (ms: number): string => `${encodeTime(Math.max(0, ms), 10)}${'0'.repeat(16)}`;
