// Keys and trust root of a network: made at its first start, the same ever after.
import { chmod, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Address, networkName } from '../../protocol/primitives.js';
import { sameAddress } from '../../protocol/signature.js';
import { readTrustRoot, type TrustRoot } from '../../protocol/trust-root.js';
import { isCode, loadKey, loadOrCreateKey, writeOnce } from './key-file.js';
import type { NetworkKeys } from './network-keys.js';
import { NetworkKeysError } from './trust-errors.js';

export interface NewNetwork {
  readonly name: string;
  /** EIP-155 */
  readonly chainId: number;
  /** When the root says it was issued; used once. */
  readonly nowMs: number;
}

/**
 * The root is written last: a directory without one holds a network that never began, whose keys are still free.
 * @param dir private directory of the keys; made if missing (0700)
 * @throws NetworkKeysError when the directory belongs to another network, or a key is missing, unreadable or foreign
 */
export const loadOrCreateNetworkKeys = async (dir: string, wanted: NewNetwork): Promise<NetworkKeys> => {
  const paths = {
    root: join(dir, 'root.json'),
    online: join(dir, 'online.key'),
    config: join(dir, 'config.key'),
  };
  const held = (await readRoot(paths.root)) ?? (await begin(dir, paths, wanted));
  const { root, network } = parseRoot(held, paths.root);
  if (network.name !== wanted.name || network.chainId !== wanted.chainId) {
    throw new NetworkKeysError(
      'another_network',
      `${dir} holds the keys of '${network.name}' on chain ${network.chainId}, not of '${wanted.name}' on chain ${wanted.chainId}`,
      { advice: 'Name the directory of the network you mean, or an empty one for a new network.' },
    );
  }
  const online = await heldKey(paths.online, root.roles.online.keys);
  const config = await heldKey(paths.config, root.roles.config.keys);
  return { network, root, rootBytes: held, online, config: [config] };
};

const begin = async (
  dir: string,
  paths: { readonly root: string; readonly online: string; readonly config: string },
  { name, chainId, nowMs }: NewNetwork,
): Promise<Uint8Array> => {
  if (!networkName.safeParse(name).success) {
    throw new NetworkKeysError('malformed', `'${name}' cannot be the name of a network`, {
      advice: 'Use up to 32 lower-case letters, digits and dashes, a letter first.',
    });
  }
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await chmod(dir, 0o700);
  const online = await loadOrCreateKey(paths.online);
  const config = await loadOrCreateKey(paths.config);
  const root: TrustRoot = {
    kind: 'root',
    network: name,
    chain_id: chainId,
    version: 1,
    issued_ms: nowMs,
    roles: {
      online: { keys: [online.address], threshold: 1 },
      config: { keys: [config.address], threshold: 1 },
    },
  };
  await writeOnce(paths.root, Buffer.from(`${JSON.stringify(root, null, 2)}\n`), 0o644);
  return readFile(paths.root);
};

const readRoot = async (path: string): Promise<Uint8Array | undefined> => {
  try {
    return await readFile(path);
  } catch (cause) {
    if (isCode(cause, 'ENOENT')) return undefined;
    throw new NetworkKeysError('unreadable', `the trust root ${path} cannot be read`, {
      advice: 'Start the network as the user that owns it.',
      cause,
    });
  }
};

const parseRoot = (bytes: Uint8Array, path: string): ReturnType<typeof readTrustRoot> => {
  try {
    return readTrustRoot(bytes, undefined);
  } catch (cause) {
    throw new NetworkKeysError('malformed', `${path} is not a trust root`, {
      advice: 'Restore it from a backup, byte for byte: its digest is the name nodes know this network by.',
      cause,
    });
  }
};

const heldKey = async (path: string, listed: readonly Address[]) => {
  const signer = await loadKey(path).catch((cause: unknown) => {
    if (!isCode(cause, 'ENOENT')) throw cause;
    throw new NetworkKeysError('unreadable', `the key file ${path} is missing`, {
      advice: 'Restore it from a backup; without it nobody can speak for this network.',
      cause,
    });
  });
  if (!listed.some((one) => sameAddress(one, signer.address))) {
    throw new NetworkKeysError('foreign_key', `the key in ${path} is not one the trust root lists`, {
      advice: 'Restore the key that was made together with root.json.',
    });
  }
  return signer;
};
