// Whom an engine runs as in its container, so that it can write its socket and the Agent can connect to it.
import type { RuntimeHost } from '../runtime-host/runtime-host.js';
import { RuntimeStartError } from './runtime-errors.js';
import type { SocketPlace } from './socket-place.js';

export interface EngineUser {
  /** Who owns the engine's socket, as the Agent sees it. */
  readonly uid: number;
  /** `uid:gid` for the container. */
  readonly name: string;
}

/** The one vLLM's images are made for. */
const UNPRIVILEGED_UID = 2000;

/**
 * The Agent's own uid, for only who owns a socket, or root, may connect to it. An Agent that is root does not make its
 * engine root. Always group 0: vLLM's image asks it of any other uid, and it opens nothing outside, where the container
 * sees but the socket's directory and the models.
 */
export const engineUserOf = (agentUid: number): EngineUser => {
  const uid = agentUid === 0 ? UNPRIVILEGED_UID : agentUid;
  return { uid, name: `${uid}:0` };
};

/**
 * @throws RuntimeStartError the container engine shifts users' numbers, so that the engine could not write its socket
 *   into a directory of this machine; one volume shared by two containers is shifted alike
 */
export const refuseShiftedUsers = async (
  host: RuntimeHost,
  sockets: SocketPlace,
  signal: AbortSignal,
): Promise<void> => {
  if (sockets.kind === 'volume') return;
  const { rootless, userNamespaces } = await host.probe(signal);
  if (!rootless && !userNamespaces) return;
  throw new RuntimeStartError('the container engine gives users other numbers than this machine does', {
    advice:
      'Run the Agent in a container of this engine, with runtime.socketVolume; or use an engine that is neither rootless nor remaps users.',
    details: { reason: 'user_namespaces', rootless, userNamespaces },
  });
};
