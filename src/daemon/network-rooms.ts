// The folders of joined networks: documents, journal and log of each, opened once per process and closed at the end.
import { statfsSync } from 'node:fs';
import type { Logger } from 'pino';
import { openJobJournal } from '../adapters/journal/lmdb-journal.js';
import type { ReportLog } from '../adapters/logs/report-log.js';
import { openReportLog } from '../adapters/logs/segment-report-log.js';
import type { DataDirectory } from '../adapters/state/data-directory.js';
import { realDisk } from '../adapters/state/disk-steps.js';
import type { Recovery } from '../adapters/state/document-recovery.js';
import { type NetworkState, openNetworkState } from '../adapters/state/network-state.js';
import { readAccounts } from '../adapters/state/read-accounts.js';
import { NodeError } from '../errors.js';
import type { NetworkRooms } from '../services/join-network.js';
import type { NetworkRoom } from '../services/membership.js';
import type { RepairKind, Repairs } from '../services/repairs.js';

/** Two of the owner's URLs lead to networks of one name: their records would lie in one folder. */
class NetworkTwiceError extends NodeError {
  readonly code = 'NETWORK_TWICE';
  readonly retryable = false;
}

export interface OpenRooms {
  /**
   * The way of one network's node to its room; whoever comes to a room by another URL is refused.
   * @param onReports called with the network's log as soon as it is open: from then on it gets that network's lines
   */
  of(url: string, onReports: (reports: ReportLog) => void, logger: Logger): NetworkRooms;
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

export const createNetworkRooms = (directory: DataDirectory, repairs: Repairs): OpenRooms => {
  const rooms = new Map<string, NetworkRoom>();
  /** URL by name. */
  const owners = new Map<string, string>();

  const claim = (name: string, url: string): void => {
    const owner = owners.get(name) ?? url;
    if (owner !== url) {
      throw new NetworkTwiceError(`${url} leads to a network '${name}', and so does ${owner}`, {
        advice:
          'If it is the same network, name it once in the settings. Different networks of one name cannot be joined by one node.',
      });
    }
    owners.set(name, url);
  };

  return {
    of: (url, onReports, logger) => {
      const open: NetworkRooms['open'] = async (name, options) => {
        claim(name, url);
        const known = rooms.get(name);
        if (known !== undefined) return known;
        const room = await openRoom(directory, name, { logger, repairs, ...options });
        rooms.set(name, room);
        onReports(room.reports);
        return room;
      };
      return {
        open,
        findByUrl: async (wanted) => {
          const account = (await readAccounts(directory.paths.root)).find((one) => one.url === wanted);
          return account === undefined ? undefined : open(account.name);
        },
      };
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

interface Opening {
  readonly logger: Logger;
  readonly repairs: Repairs;
  readonly isTrustPinned?: boolean;
}

const openRoom = async (directory: DataDirectory, name: string, opening: Opening): Promise<NetworkRoom> => {
  const { logger, repairs } = opening;
  await directory.makeNetwork(name);
  const paths = directory.paths.network(name);
  const state = await openNetworkState(paths, name, realDisk, opening);
  noteRepairs(state, name, opening);
  const journal = await openJobJournal(paths.jobs, {
    onCorrupt: ({ table, key, reason }) => {
      logger.error(
        { event: 'journal.quarantined', table, entry: key, reason },
        'a corrupt job record was set aside',
      );
      repairs.note({ what: `${name}/jobs`, how: 'set_aside' }, logger);
    },
    onForgotten: (attempts) =>
      logger.info(
        { event: 'journal.forgot', attempts },
        'acknowledged attempts were forgotten before their day was over, to make room',
      ),
  });
  const reports = await openReportLog(paths.logs, { maxBytes: logRingBytes(paths.directory) });
  return { state, journal, reports };
};

/** An account that was given up is there again once the network has answered. */
const BECAME: Readonly<Partial<Record<Recovery, RepairKind>>> = {
  previous: 'previous',
  quarantined: 'fetched',
  rebuilt: 'rebuilt',
};

const noteRepairs = ({ recovered, kept }: NetworkState, name: string, { logger, repairs }: Opening): void => {
  for (const document of ['account', 'floor', 'order'] as const) {
    if (recovered[document] === 'migrated') {
      logger.info(
        { event: 'state.migrated', document },
        'a document of an older version was brought forward',
      );
    }
    const became = BECAME[recovered[document]];
    const how = document === 'order' && became === 'fetched' ? 'begun_anew' : became;
    if (how !== undefined) repairs.note({ what: `${name}/${document}`, how, kept: kept[document] }, logger);
  }
};
