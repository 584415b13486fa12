// A relay as the viewers of @statelyai/inspect know it: what one client says goes to all others. On loopback, for tests.
import type { AddressInfo } from 'node:net';
import { createWebSocketReceiver, type StatelyInspectionEvent } from '@statelyai/inspect';
import { WebSocketServer } from 'ws';
import { atTheEnd } from '../e2e/processes.js';

export interface StatelyRelay {
  readonly url: string;
  /** What the package's own receiver got. */
  readonly received: readonly StatelyInspectionEvent[];
}

export const startStatelyRelay = async (): Promise<StatelyRelay> => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await new Promise((resolve) => server.once('listening', resolve));
  atTheEnd(async () => {
    for (const client of server.clients) client.terminate();
    await new Promise((resolve) => server.close(resolve));
  });
  server.on('connection', (from) => {
    from.on('message', (data, isBinary) => {
      for (const to of server.clients) if (to !== from) to.send(data, { binary: isBinary });
    });
  });
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const received: StatelyInspectionEvent[] = [];
  const attached = new Promise((resolve) => server.once('connection', resolve));
  createWebSocketReceiver({ server: url }).subscribe((event) => void received.push(event));
  await attached;
  return { url, received };
};
