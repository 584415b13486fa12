// The package @statelyai/inspect, where the operator has installed it: the node itself does without.
import { StatelyMissingError } from './stately-errors.js';

export type StatelyPackage = Pick<typeof import('@statelyai/inspect'), 'createInspector'>;

/** The version this was written for and is tested with; `peerDependencies` allows its fixes as well. */
export const STATELY_VERSION = '0.7.2';

/** @throws StatelyMissingError with how to install it */
export const loadStately = async (
  load: () => Promise<StatelyPackage> = () => import('@statelyai/inspect'),
): Promise<StatelyPackage> => {
  try {
    return await load();
  } catch (cause) {
    throw new StatelyMissingError('console.stately is set, and @statelyai/inspect cannot be loaded', {
      cause,
      advice: `Install it where resultity-node is installed, \`npm install @statelyai/inspect@${STATELY_VERSION}\` (\`--global\` for a global one), or leave --inspect-stately out.`,
    });
  }
};
