// Makes room for a socket: what a dead process left is removed, anything else is let alone.
import { once } from 'node:events';
import { lstat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { BridgeListenError } from './bridge-error.js';

/** sun_path of Linux, less the terminating NUL. Node cuts a longer path off and listens elsewhere. */
const MAX_SOCKET_PATH_BYTES = 107;

/** @throws BridgeListenError too long, not a socket, or somebody listens there */
export const clearSocketPath = async (path: string): Promise<void> => {
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES) {
    throw new BridgeListenError(`the socket's path is longer than ${MAX_SOCKET_PATH_BYTES} bytes: ${path}`, {
      advice: 'Choose a shorter path.',
    });
  }
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isSocket()) {
    throw new BridgeListenError(`${path} is there and is no socket`, { advice: 'Choose another path.' });
  }
  if (await isServed(path)) {
    throw new BridgeListenError(`another process listens on ${path}`, {
      advice: 'Stop it, or choose another path.',
    });
  }
  await unlink(path);
};

const isServed = async (path: string): Promise<boolean> => {
  const probe = connect({ path });
  try {
    await once(probe, 'connect');
    return true;
  } catch {
    return false; // refused: whoever made it is gone
  } finally {
    probe.destroy();
  }
};
