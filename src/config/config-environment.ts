// The variables of the node. An unknown one is a mistake, for a setting that silently does nothing is worse.
import type { ConfigProblem } from './config-error.js';
import { CONFIG_FILE_ENV, type ConfigKey, ENV_PREFIX } from './config-keys.js';
import { nearestName } from './nearest-name.js';

export type Environment = Readonly<Record<string, string | undefined>>;

// Kubernetes sets these in every pod for each service of the namespace, so for one called resultity-network too.
// Source: https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
const SERVICE_LINK = /_SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)$|_PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?$/;

/** @param others names read elsewhere in the program */
export const unknownVariables = (
  environment: Environment,
  keys: readonly ConfigKey[],
  others: readonly string[],
): ConfigProblem[] => {
  const known = [...keys.map(({ env }) => env), CONFIG_FILE_ENV, ...others];
  return Object.keys(environment)
    .filter((name) => name.startsWith(ENV_PREFIX) && !known.includes(name) && !SERVICE_LINK.test(name))
    .map((name) => ({
      key: name.slice(0, 128),
      origin: 'environment',
      problem: 'no such variable',
      accepts: `did you mean ${nearestName(name, known)}?`,
    }));
};
