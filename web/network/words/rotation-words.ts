// Why a node is offered no jobs, and what its orders' outcomes mean, for a person.
import type { OutOfRotation } from '../../../src/network/scheduler/out-of-rotation.js';

export const ROTATION_WORDS: Readonly<Record<OutOfRotation, string>> = {
  offline: 'not connected',
  standing: 'its standing is not active',
  draining: 'it drains',
  paused: 'it is paused',
  no_config: 'no configuration is in force',
  other_config: 'it follows another configuration',
  no_active_model: 'none of the models is active on it',
  no_slots: 'its Runtime has no place for jobs',
  busy: 'it has all the jobs it asked for',
};

const REFUSED_BECAUSE: Readonly<Record<string, string>> = {
  owner_order: 'its owner has ordered otherwise, and only the owner can lift that',
  until_passed: 'by its clock, the time at which the order should end has passed',
  too_many: 'too many orders wait there',
  not_recorded: 'it could not write the order down',
  unknown_verb: 'it does not know this order',
};

/** @param reason as the node said it; null: it did not say why */
export const refusedBecause = (reason: string | null): string =>
  reason === null ? 'it does not say why' : (REFUSED_BECAUSE[reason] ?? reason);
