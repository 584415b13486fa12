// What the node remembers of one network: with whom it is registered, how far it has come, what it serves.

import { z } from 'zod';
import { LIMITS } from '../../protocol/limits.js';
import { address, count, digest, millis, networkName } from '../../protocol/primitives.js';
import type { NetworkPaths } from './data-paths.js';
import { type DiskSteps, realDisk } from './disk-steps.js';
import { type DocumentStore, openDocument, type Recovery } from './document-store.js';
import { readIfThere, sweepLeftovers, writeFileDurably } from './durable-file.js';

/** Null until the network has been joined. */
export const accountDocument = z
  .strictObject({
    url: z.string().max(2048),
    /** WebSocket the network named at the first meeting. */
    socket_url: z.string().max(2048),
    /** The trust root's exact text: later starts need no network to know whom to believe. */
    root: z.string().max(LIMITS.rootBytes),
    /** Digest of the network's first trust root: pinned at the first meeting, for ever. */
    genesis: digest,
    chain_id: count,
    name: networkName,
    /** Null until the network has confirmed the registration. */
    registered_ms: millis.nullable(),
    node: address,
  })
  .nullable();
export type AccountDocument = z.infer<typeof accountDocument>;

/** What may only rise: a snapshot below it is a replay. */
export const floorDocument = z.strictObject({ config_version: count });
export type FloorDocument = z.infer<typeof floorDocument>;

export interface NetworkState {
  readonly account: DocumentStore<AccountDocument>;
  readonly floor: DocumentStore<FloorDocument>;
  /** How each document was found, for the log. */
  readonly recovered: Readonly<Record<'account' | 'floor', Recovery>>;
  /** The applied configuration as the network signed it; undefined before the first. Not verified here. */
  readConfig(): Promise<Buffer | undefined>;
  /** Replaces it and keeps the one before; the same bytes again change nothing. @throws StateWriteError */
  writeConfig(bytes: Uint8Array): Promise<void>;
  /** Takes the configuration before back. @returns its bytes; undefined, changing nothing, when there is none */
  restorePrevious(): Promise<Buffer | undefined>;
}

/** A signed document is a frame: header and body, with one separator between them. */
const MAX_CONFIG_BYTES = LIMITS.headerBytes + 1 + LIMITS.configBytes;

/** Serialises the writes of the configuration's two files. */
const configFiles = (paths: NetworkPaths, disk: DiskSteps) => {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
  const readConfig = () => readIfThere(paths.config, MAX_CONFIG_BYTES);
  return {
    readConfig,
    writeConfig: (bytes: Uint8Array) =>
      inTurn(async () => {
        const before = await readConfig();
        if (before?.equals(bytes)) return;
        if (before !== undefined) await writeFileDurably(paths.configPrevious, before, { disk });
        await writeFileDurably(paths.config, bytes, { disk });
      }),
    restorePrevious: () =>
      inTurn(async () => {
        const previous = await readIfThere(paths.configPrevious, MAX_CONFIG_BYTES);
        if (previous !== undefined) await writeFileDurably(paths.config, previous, { disk });
        return previous;
      }),
  };
};

/**
 * Opens the documents of one network; its folder must exist (`DataDirectory.makeNetwork`).
 * Both are refused when corrupt: they hold what protects the node from a false network.
 * @throws DocumentCorruptError, DocumentTooNewError, StateReadError, StateWriteError
 */
export const openNetworkState = async (
  paths: NetworkPaths,
  name: string,
  disk: DiskSteps = realDisk,
): Promise<NetworkState> => {
  const version = 1;
  await Promise.all([sweepLeftovers(paths.config, disk), sweepLeftovers(paths.configPrevious, disk)]);
  const account = await openDocument({
    path: paths.account,
    schema: accountDocument,
    version,
    initial: null,
    subject: `${name}/account`,
    disk,
  });
  const floor = await openDocument({
    path: paths.floor,
    schema: floorDocument,
    version,
    initial: { config_version: 0 },
    subject: `${name}/floor`,
    disk,
  });
  return {
    account: account.store,
    floor: floor.store,
    recovered: {
      account: account.recovered,
      floor: floor.recovered,
    },
    ...configFiles(paths, disk),
  };
};
