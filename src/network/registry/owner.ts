// Owners compared by what they mean, and named so that a bystander does not learn them.
import type { OwnerRef } from '../../protocol/http.js';
import type { Standing } from '../../protocol/messages/session.js';
import { checksummed } from '../trust/addresses.js';

/** One spelling per owner: a checksummed address, a mail address in lower case. */
export const canonicalOwner = (owner: OwnerRef): OwnerRef =>
  owner.kind === 'wallet'
    ? { kind: 'wallet', address: checksummed(owner.address) }
    : { kind: 'email', email: owner.email.toLowerCase() };

export const sameOwner = (one: OwnerRef, other: OwnerRef): boolean =>
  JSON.stringify(canonicalOwner(one)) === JSON.stringify(canonicalOwner(other));

/** `0x1234…abcd`, or `a***@example.org`. */
export const accountOf = (owner: OwnerRef): NonNullable<Standing['account']> => {
  if (owner.kind === 'wallet') {
    const { address } = owner;
    return { kind: 'wallet', label: `${address.slice(0, 6)}…${address.slice(-4)}` };
  }
  const at = owner.email.lastIndexOf('@');
  return { kind: 'email', label: `${owner.email.slice(0, 1)}***${owner.email.slice(at)}`.slice(0, 128) };
};
