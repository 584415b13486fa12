// What the node remembers of one network: with whom it is registered, how far it has come, what it serves.

import { z } from 'zod';
import { LIMITS } from '../../protocol/limits.js';
import { orderGiver, orderKind, orderNote, orderTime } from '../../protocol/messages/orders.js';
import { address, count, digest, millis, networkName } from '../../protocol/primitives.js';
import type { NetworkPaths } from './data-paths.js';
import { type DiskSteps, realDisk } from './disk-steps.js';
import { quarantine, type Recovery } from './document-recovery.js';
import { type DocumentStore, openDocument } from './document-store.js';
import { readIfThere, sweepLeftovers, writeFileDurably } from './durable-file.js';
import { DocumentCorruptError } from './state-errors.js';
import { trustedVersion } from './trusted-version.js';

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

/** The order to drain or pause that is in force; null while the node takes jobs. */
export const orderDocument = z
  .strictObject({
    kind: orderKind,
    by: orderGiver,
    note: orderNote.nullable(),
    since_ms: orderTime,
    /** Null: until it is lifted. */
    until_ms: orderTime.nullable(),
  })
  .nullable();
export type OrderDocument = z.infer<typeof orderDocument>;

export interface NetworkState {
  readonly account: DocumentStore<AccountDocument>;
  readonly floor: DocumentStore<FloorDocument>;
  readonly order: DocumentStore<OrderDocument>;
  /** How each document was found. */
  readonly recovered: Readonly<Record<'account' | 'floor' | 'order', Recovery>>;
  /** Names of corrupt files that were moved out of the way. */
  readonly kept: Readonly<Record<'account' | 'floor' | 'order', readonly string[]>>;
  /** The applied configuration as the network signed it; undefined before the first. Not verified here. */
  readConfig(): Promise<Buffer | undefined>;
  /** Replaces it and keeps the one before; the same bytes again change nothing. @throws StateWriteError */
  writeConfig(bytes: Uint8Array): Promise<void>;
  /** Takes the configuration before back. @returns its bytes; undefined, changing nothing, when there is none */
  restorePrevious(): Promise<Buffer | undefined>;
  /** Moves a configuration that cannot be believed out of the way. @returns the name it is kept under */
  setConfigAside(): Promise<string>;
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
    setConfigAside: () => inTurn(() => quarantine(paths.config, disk)),
  };
};

const ASK_ANEW =
  'Or name the digest of the network’s first trust root (--network-genesis): the node then sets the file aside and asks the network anew.';

/** @throws DocumentCorruptError which also says what else helps */
const withAdvice = async <T>(advice: string, work: Promise<T>): Promise<T> => {
  try {
    return await work;
  } catch (caught) {
    if (!(caught instanceof DocumentCorruptError)) throw caught;
    const { message, details } = caught;
    throw new DocumentCorruptError(message, {
      advice: [caught.advice, advice].join(' '),
      details,
      cause: caught,
    });
  }
};

/**
 * Opens the documents of one network; its folder must exist (`DataDirectory.makeNetwork`).
 * They hold what protects the node from a false network. So a corrupt account is refused, unless the owner has pinned the
 * network's trust root: then the network can be asked anew. A corrupt or lost floor is made anew from the configuration on
 * disk, if the network has signed it, and else refused.
 * An order nobody can read is not followed.
 * @throws DocumentCorruptError, DocumentTooNewError, StateReadError, StateWriteError
 */
export const openNetworkState = async (
  paths: NetworkPaths,
  name: string,
  disk: DiskSteps = realDisk,
  { isTrustPinned = false }: { readonly isTrustPinned?: boolean } = {},
): Promise<NetworkState> => {
  const version = 1;
  await Promise.all([sweepLeftovers(paths.config, disk), sweepLeftovers(paths.configPrevious, disk)]);
  const account = await withAdvice(
    ASK_ANEW,
    openDocument<AccountDocument>({
      path: paths.account,
      schema: accountDocument,
      version,
      initial: null,
      subject: `${name}/account`,
      whenCorrupt: isTrustPinned ? 'start-over' : 'refuse',
      disk,
    }),
  );
  const signed = await Promise.all(
    [paths.config, paths.configPrevious].map(async (path) =>
      trustedVersion(account.store.data, await readIfThere(path, MAX_CONFIG_BYTES).catch(() => undefined)),
    ),
  );
  const least = Math.max(0, ...signed.map((found) => found ?? 0));
  const floor = await openDocument({
    path: paths.floor,
    schema: floorDocument,
    version,
    initial: { config_version: 0 },
    subject: `${name}/floor`,
    whenCorrupt: least > 0 ? 'start-over' : 'refuse',
    disk,
  });
  // Its previous copy may be older than the configuration it was raised for.
  const isRebuilt = floor.store.data.config_version < least;
  if (isRebuilt) await floor.store.update(() => ({ config_version: least }));
  const order = await openDocument({
    path: paths.order,
    schema: orderDocument,
    version,
    initial: null,
    subject: `${name}/order`,
    whenCorrupt: 'start-over',
    disk,
  });
  return {
    account: account.store,
    floor: floor.store,
    order: order.store,
    recovered: {
      account: account.recovered,
      floor: isRebuilt ? 'rebuilt' : floor.recovered,
      order: order.recovered,
    },
    kept: { account: account.kept, floor: floor.kept, order: order.kept },
    ...configFiles(paths, disk),
  };
};
