// Two connections made one: bytes, half-closes and breaks of each are passed to the other at once.
import type { Socket } from 'node:net';

/**
 * Both must allow half-open. A client that leaves arrives at the engine as the end of its requests, which every HTTP
 * server takes for an abort, and as a reset once the engine writes on.
 */
export const joinConnections = (client: Socket, engine: Socket): void => {
  client.pipe(engine);
  engine.pipe(client);
  client.on('error', () => engine.resetAndDestroy());
  engine.on('error', () => client.destroy());
};
