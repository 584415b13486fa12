// Opens the record of the Runtime's failures, and does without it rather than without a Runtime.
import type { Logger } from 'pino';
import type { DocumentStore } from '../adapters/state/document-store.js';
import { openRuntimeHistory, type RuntimeHistory } from '../adapters/state/runtime-history.js';
import { toFailure } from '../errors.js';
import type { Repairs } from '../services/repairs.js';

/** @param directory `<data>/runtime` */
export const openRuntimeFailures = async (
  directory: string,
  logger: Logger,
  repairs: Repairs,
): Promise<DocumentStore<RuntimeHistory>> => {
  try {
    const { store, recovered, kept } = await openRuntimeHistory(directory);
    const what = 'runtime/failures';
    if (recovered === 'quarantined') repairs.note({ what, how: 'begun_anew', kept }, logger);
    if (recovered === 'previous') repairs.note({ what, how: 'previous', kept }, logger);
    return store;
  } catch (error) {
    const { code, message, advice } = toFailure(error);
    logger.warn({ event: 'runtime.history_unreadable', code, advice }, message);
    return forgetful();
  }
};

/** Lasts as long as the process. */
const forgetful = (): DocumentStore<RuntimeHistory> => {
  let data: RuntimeHistory = { failures: [] };
  return {
    get data() {
      return data;
    },
    update: async (change) => {
      const draft = structuredClone(data);
      data = change(draft) ?? draft;
      return data;
    },
  };
};
