// The node's books on its models: what a change makes of them, and what they prove about a configuration.
import type { ModelState } from '../../protocol/codes.js';
import type { ModelChanged } from '../model-machine.js';
import type { NodeModel } from './node-events.js';

export const INSTALLED: ReadonlySet<ModelState> = new Set(['pending', 'testing', 'active']);

export const SLOT_PREFIX = 'model-';

export const withChange = (models: readonly NodeModel[], change: ModelChanged): readonly NodeModel[] =>
  models.flatMap((model) => {
    if (model.digest !== change.digest) return [model];
    if (change.state !== 'archived') return [{ ...model, state: change.state, reason: change.reason }];
    // Unlisted models are not enabled; one that is was listed again while its files went, and begins anew.
    return model.enabled ? [{ ...model, state: 'absent', reason: null }] : [];
  });

/** A model that is unlisted or switched off proves nothing, though it may still be loaded. */
export const isServing = (models: readonly NodeModel[]): boolean =>
  models.every((model) => !model.enabled) ||
  models.some((model) => model.enabled && model.state === 'active');

export const isHopeless = (models: readonly NodeModel[]): boolean =>
  models.some((model) => model.enabled) &&
  models.every((model) => !model.enabled || model.state === 'failed' || model.state === 'inactive');

/** Nothing is served, and nothing of what waits for the Runtime is going to be. */
export const isHopelessWith = (models: readonly NodeModel[], kept: readonly string[]): boolean =>
  isHopeless(
    models.map((model) =>
      model.state === 'pending' && !kept.includes(model.digest) ? { ...model, state: 'failed' } : model,
    ),
  );

export const freeSlot = (taken: ReadonlySet<string>): string => {
  let index = 0;
  while (taken.has(`${SLOT_PREFIX}${index}`)) index++;
  return `${SLOT_PREFIX}${index}`;
};
