// The folders of joined networks: documents, journal and log of each, opened once per process and closed at the end.
import { statfsSync } from 'node:fs';
import type { Logger } from 'pino';
import { openJobJournal } from '../adapters/journal/lmdb-journal.js';
import type { ReportLog } from '../adapters/logs/report-log.js';
import { openReportLog } from '../adapters/logs/segment-report-log.js';
import type { DataDirectory } from '../adapters/state/data-directory.js';
import { openNetworkState } from '../adapters/state/network-state.js';
import { readAccounts } from '../adapters/state/read-accounts.js';
import type { NetworkRooms } from '../services/join-network.js';
import type { NetworkRoom } from '../services/membership.js';

export interface OpenRooms extends NetworkRooms {
  close(): Promise<void>;
}

/** Bytes of log kept for a network that does not take its reports: security.md, constants. */
const LOG_RING_BYTES = 256 * 1024 * 1024;
/** A small disk is not for the log alone. */
const LOG_SHARE = 1 / 8;

const logRingBytes = (path: string): number => {
  const { blocks, bsize } = statfsSync(path);
  return Math.min(LOG_RING_BYTES, Math.floor(blocks * bsize * LOG_SHARE));
};

/** @param onReports called with a network's log as soon as it is open: from then on it gets the daemon's lines */
export const createNetworkRooms = (
  directory: DataDirectory,
  onReports: (reports: ReportLog) => void,
  logger: Logger,
): OpenRooms => {
  const rooms = new Map<string, NetworkRoom>();

  const open = async (name: string): Promise<NetworkRoom> => {
    const known = rooms.get(name);
    if (known !== undefined) return known;
    await directory.makeNetwork(name);
    const paths = directory.paths.network(name);
    const state = await openNetworkState(paths, name);
    for (const [document, found] of Object.entries(state.recovered)) {
      if (found === 'migrated') {
        logger.info(
          { event: 'state.migrated', document },
          'a document of an older version was brought forward',
        );
      }
      if (found === 'previous') {
        logger.warn(
          { event: 'state.recovered', document },
          'a damaged document was replaced by the copy before it',
        );
      }
    }
    const journal = await openJobJournal(paths.jobs, {
      onCorrupt: ({ table, key, reason }) =>
        logger.error(
          { event: 'journal.quarantined', table, entry: key, reason },
          'a corrupt job record was set aside',
        ),
      onForgotten: (attempts) =>
        logger.info(
          { event: 'journal.forgot', attempts },
          'acknowledged attempts were forgotten before their day was over, to make room',
        ),
    });
    const reports = await openReportLog(paths.logs, { maxBytes: logRingBytes(paths.directory) });
    const room: NetworkRoom = { state, journal, reports };
    rooms.set(name, room);
    onReports(reports);
    return room;
  };

  return {
    open,
    findByUrl: async (url) => {
      const account = (await readAccounts(directory.paths.root)).find((one) => one.url === url);
      return account === undefined ? undefined : open(account.name);
    },
    close: async () => {
      for (const { journal, reports } of rooms.values()) {
        await journal.close();
        await reports.close();
      }
      rooms.clear();
    },
  };
};
