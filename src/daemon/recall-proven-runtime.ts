// Takes up what is known of the last Runtime that proved itself, and keeps the next one; neither is worth a node that
// does not start.
import type { Logger } from 'pino';
import type { RuntimeSpec } from '../adapters/runtime/runtime-driver.js';
import type { DocumentStore } from '../adapters/state/document-store.js';
import { openProvenRuntime, type ProvenRuntime } from '../adapters/state/proven-runtime.js';
import type { Config } from '../config.js';
import { toFailure } from '../errors.js';
import { digestOf } from '../protocol/digest.js';
import type { Repairs } from '../services/repairs.js';

export interface RecalledRuntime {
  /** As of the last start of the Agent, under these very settings. */
  readonly spec: RuntimeSpec | undefined;
  /** Resolves once it is on disk, or it is told that it could not be written. */
  keep(spec: RuntimeSpec): Promise<void>;
}

/** @param directory `<data>/runtime` */
export const recallProvenRuntime = async (
  directory: string,
  { networks, runtime }: Pick<Config, 'networks' | 'runtime'>,
  logger: Logger,
  repairs: Repairs,
): Promise<RecalledRuntime> => {
  const settings = digestOf(JSON.stringify([networks.map(({ url }) => url), runtime]));
  const store = await open(directory, logger, repairs);
  const found = store?.data.proven;
  return {
    spec: found?.settings === settings ? found.spec : undefined,
    async keep(spec) {
      const known = store?.data.proven;
      if (known?.settings === settings && known.spec.specHash === spec.specHash) return;
      try {
        await store?.update(() => ({ proven: { settings, spec } }));
      } catch (err) {
        logger.warn(
          { event: 'runtime.proven_unwritten', err },
          'the Runtime that works could not be noted: a restart of the Agent will not know what to go back to',
        );
      }
    },
  };
};

const open = async (
  directory: string,
  logger: Logger,
  repairs: Repairs,
): Promise<DocumentStore<ProvenRuntime> | undefined> => {
  try {
    const { store, recovered, kept } = await openProvenRuntime(directory);
    const what = 'runtime/proven';
    if (recovered === 'quarantined') repairs.note({ what, how: 'begun_anew', kept }, logger);
    if (recovered === 'previous') repairs.note({ what, how: 'previous', kept }, logger);
    return store;
  } catch (error) {
    const { code, message, advice } = toFailure(error);
    logger.warn({ event: 'runtime.proven_unreadable', code, advice }, message);
    return undefined;
  }
};
