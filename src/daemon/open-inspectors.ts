// The inspectors of others, where the owner asked for them: the classic one attaches to a port of the node, the newer one is
// sent to. Both look through the same eyes, and see names and states only.
import type { Logger } from 'pino';
import type { Config } from '../config.js';
import { ClassicPortError } from '../console/classic/classic-errors.js';
import { type ClassicServer, startClassicServer } from '../console/classic/classic-server.js';
import { listedContext } from '../console/inspection/context-list.js';
import type { Observers } from '../console/inspection/observers.js';
import { createViewers } from '../console/inspection/viewers.js';
import { watchActors } from '../console/inspection/watch-actors.js';
import { loadStately } from '../console/stately/load-stately.js';
import { createStatelyDialect } from '../console/stately/stately-dialect.js';
import { openStatelyLink, type StatelyLink } from '../console/stately/stately-link.js';

export interface Inspectors {
  /** A port that is taken is told in the log, and the node goes on without. */
  open(): Promise<void>;
  close(): Promise<void>;
}

const MAX_BUFFERED_BYTES = 1024 * 1024;

/**
 * To be called before the first actor is made. Nothing is watched where no inspector is wanted.
 * @throws StatelyMissingError @statelyai/inspect is wanted and not installed
 */
export const prepareInspectors = async (
  { classic: port, classicOrigins: origins = [], stately: url }: Config['console'],
  observers: Observers,
  logger: Logger,
): Promise<Inspectors> => {
  if (port === undefined && url === undefined) return { open: async () => {}, close: async () => {} };
  const stately = url === undefined ? undefined : await loadStately();
  const watch = watchActors(listedContext);
  observers.add(watch.observe, 'inspectors');
  let server: ClassicServer | undefined;
  let link: StatelyLink | undefined;
  return {
    open: async () => {
      if (port !== undefined) {
        try {
          server = await startClassicServer({ watch, port, origins, logger });
        } catch (caught) {
          if (!(caught instanceof ClassicPortError)) throw caught;
          const { code, advice } = caught;
          logger.warn({ event: 'classic.unavailable', code, advice }, caught.message);
        }
      }
      if (url !== undefined && stately !== undefined) {
        const viewers = createViewers(watch, createStatelyDialect(stately), MAX_BUFFERED_BYTES);
        link = openStatelyLink(url, viewers, logger.child({ component: 'stately-inspector' }));
      }
    },
    close: async () => {
      link?.close();
      await server?.close();
    },
  };
};
