// The networks can be set by address or as a list: the one from the stronger source takes the other's place altogether.
import type { ConfigProblem } from './config-error.js';
import { type Setting, showOrigin } from './origin.js';

const STRENGTH = { default: 0, file: 1, environment: 2, flag: 3 } as const;

/** @returns what is wrong, if both come from sources of the same strength */
export const settleNetworks = (settings: Map<string, Setting>): ConfigProblem | undefined => {
  const list = settings.get('networks');
  const url = settings.get('networkUrl');
  if (list === undefined || url === undefined) return undefined;
  const lead = STRENGTH[list.origin.from] - STRENGTH[url.origin.from];
  if (lead === 0) {
    return {
      key: 'networks',
      origin: showOrigin(list.origin),
      problem: 'the networks are set twice',
      accepts: 'leave out networkUrl, or networks',
    };
  }
  if (lead < 0) settings.delete('networks');
  else for (const name of ['networkUrl', 'networkGenesis']) settings.delete(name);
  return undefined;
};
