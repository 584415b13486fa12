// The one directory a node owns: made private, checked, and held for the daemon's life.
import { constants } from 'node:fs';
import { access, chmod, readdir, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { networkName } from '../../protocol/primitives.js';
import { type DataPaths, dataPaths } from './data-paths.js';
import { lockDirectory } from './directory-lock.js';
import { makeDirectoryDurably } from './durable-directory.js';
import { sweepLeftovers } from './durable-file.js';
import {
  adviceFor,
  DaemonRunningError,
  DataDirectoryError,
  StateWriteError,
  systemCode,
} from './state-errors.js';

export interface DataDirectory {
  readonly paths: DataPaths;
  /**
   * What the directory holds besides the key, its passphrase and the lock, as names such as `networks/devnet`. A node
   * with other state but no key has lost its key, and must not make a new one.
   */
  otherState(): Promise<readonly string[]>;
  hasOtherState(): Promise<boolean>;
  /** Names of the networks that have a folder here, in the alphabet's order. */
  networks(): Promise<readonly string[]>;
  /** Makes the folders of a network (0700) if they are not there. @throws StateWriteError */
  makeNetwork(name: string): Promise<void>;
  /** Gives the lock back; safe to call twice. */
  release(): Promise<void>;
}

/** The user id the node runs as; undefined where the system has none. */
const ownUid = (): number | undefined => process.getuid?.();

const SUB_FOLDER = 'Name a folder inside it instead (--data-dir), which the node then makes for itself.';

const makePrivate = async (paths: DataPaths): Promise<void> => {
  const { root } = paths;
  await makeDirectoryDurably(root);
  const found = await stat(root);
  const uid = ownUid();
  if (uid !== undefined && found.uid !== uid) {
    throw new DataDirectoryError(
      `the data directory ${root} belongs to user ${found.uid}, and the node runs as user ${uid}`,
      { advice: `Run \`chown -R ${uid} ${root}\`. ${SUB_FOLDER}` },
    );
  }
  if ((found.mode & 0o077) !== 0) {
    const names = await readdir(root);
    const isOurs = names.includes('lock') || names.includes('identity.json');
    // Closing a directory that holds other people's files (a home, /tmp) would lock them out.
    if (!isOurs && names.some((name) => name !== 'lost+found')) {
      throw new DataDirectoryError(
        `the data directory ${root} is open to other users and holds files that are not the node's`,
        { advice: `${SUB_FOLDER} If it is meant for the node alone, run \`chmod 700 ${root}\`.` },
      );
    }
    await chmod(root, 0o700);
  }
  await access(root, constants.R_OK | constants.W_OK | constants.X_OK);
};

/**
 * Makes or takes the data directory and locks it until `release`.
 * @param path absolute, or relative to the working directory
 * @throws DataDirectoryError with advice; DaemonRunningError when another daemon holds it
 */
export const openDataDirectory = async (path: string): Promise<DataDirectory> => {
  const paths = dataPaths(resolve(path));
  let release: () => Promise<void>;
  try {
    await makePrivate(paths);
    release = await lockDirectory(paths.lock);
    await Promise.all([sweepLeftovers(paths.identity), sweepLeftovers(paths.passphrase)]);
  } catch (caught) {
    if (caught instanceof DataDirectoryError || caught instanceof DaemonRunningError) throw caught;
    const cause = caught instanceof StateWriteError ? caught.cause : caught;
    const reason = systemCode(cause) ?? 'unknown reason';
    throw new DataDirectoryError(`cannot use the data directory ${paths.root}: ${reason}`, {
      cause,
      advice: adviceFor(cause),
    });
  }
  const inside = async (folder: string): Promise<string[]> => {
    try {
      return (await readdir(folder)).sort();
    } catch (caught) {
      if (systemCode(caught) === 'ENOENT') return [];
      // Unreadable is not empty.
      throw new DataDirectoryError(`cannot look into ${folder}: ${systemCode(caught) ?? 'unknown reason'}`, {
        cause: caught,
        advice: adviceFor(caught),
      });
    }
  };
  const otherState = async () => [
    ...(await inside(paths.networks)).map((name) => `networks/${name}`),
    ...(await inside(paths.models)).map((name) => `models/${name}`),
  ];
  return {
    paths,
    otherState,
    hasOtherState: async () => (await otherState()).length > 0,
    networks: async () =>
      (await inside(paths.networks)).filter((name) => networkName.safeParse(name).success),
    async makeNetwork(name) {
      const { jobs, logs } = paths.network(name);
      await makeDirectoryDurably(jobs);
      await makeDirectoryDurably(logs);
    },
    release,
  };
};
