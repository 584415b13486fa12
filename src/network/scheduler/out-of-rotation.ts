// Why a node is offered no jobs now, in words an operator can act on. Pure, and of one mind with the scheduler: no
// reason is given exactly when there is a model it would be offered.
import { z } from 'zod';
import { type Candidate, canServe, hasCredit, type Wanted } from './choose-node.js';

export const outOfRotation = z.enum([
  'offline',
  /** Not `active` in the eyes of the network: unbound, paused, frozen or cooling down. */
  'standing',
  'draining',
  'paused',
  /** The network has published none that is still in force. */
  'no_config',
  /** It follows another configuration than the one in force. */
  'other_config',
  /** None of the models the configuration wants is active on it. */
  'no_active_model',
  /** Its Runtime has no place for jobs. */
  'no_slots',
  /** It has all the jobs it asked for. */
  'busy',
]);
export type OutOfRotation = z.infer<typeof outOfRotation>;

/**
 * @param node undefined: not connected
 * @param wanted every enabled model under the configuration in force; empty without one, or when it has expired
 */
export const whyOutOfRotation = (
  node: Candidate | undefined,
  wanted: readonly Wanted[],
): readonly OutOfRotation[] => {
  if (node === undefined) return ['offline'];
  const isServing = wanted.some((one) => canServe(node, one));
  if (isServing && hasCredit(node)) return [];
  const reasons: OutOfRotation[] = [];
  const [first] = wanted;
  if (node.standing.state !== 'active') reasons.push('standing');
  if (node.draining && !node.paused) reasons.push('draining');
  if (node.paused) reasons.push('paused');
  if (first === undefined) reasons.push('no_config');
  else if (node.configDigest !== first.configDigest) reasons.push('other_config');
  else if (!wanted.some((one) => node.models.get(one.model) === one.modelDigest))
    reasons.push('no_active_model');
  if (node.slotsTotal === 0) reasons.push('no_slots');
  if (isServing) reasons.push('busy');
  return reasons;
};
