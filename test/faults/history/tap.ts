// A wire-tap between node and network: passes every byte on as it is, and writes down the frames of the sockets. It
// outlives both, so that a killed network comes back behind the same address.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { decodeFrame } from '../../../src/protocol/frame.js';
import { MAX_FRAME_BYTES } from '../../../src/protocol/limits.js';
import type { History } from './history.js';
import { said } from './record.js';
import { SocketMessages } from './socket-messages.js';

export interface Tap {
  /** Where the node is sent, e.g. `http://127.0.0.1:41234`. */
  readonly url: string;
  /** The port of the network behind it; until it is named, connections are refused. */
  leadTo(port: number): void;
  close(): Promise<void>;
}

export const startTap = async (history: History): Promise<Tap> => {
  let target = 0;
  let links = 0;
  const open = new Set<Socket>();

  const note = (link: number, from: 'node' | 'network', message: Uint8Array): void => {
    const { header, body } = decodeFrame(message, MAX_FRAME_BYTES);
    const words: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    const known = said.safeParse({ ...(words as object), t: header.t });
    history.add({
      kind: 'frame',
      at_ms: Date.now(),
      link,
      from,
      header,
      said: known.success ? known.data : { t: 'other' },
    });
  };

  const join = (node: Socket): void => {
    if (target === 0) {
      node.destroy();
      return;
    }
    const network = connect(target, '127.0.0.1');
    const link = ++links;
    const ends = [
      { from: 'node', here: node, there: network },
      { from: 'network', here: network, there: node },
    ] as const;
    let isSocket = false;
    for (const { from, here, there } of ends) {
      const messages = new SocketMessages((message) => {
        isSocket = true;
        note(link, from, message);
      });
      open.add(here);
      here.setNoDelay(true);
      here.on('data', (bytes: Buffer) => {
        there.write(bytes);
        messages.push(bytes);
      });
      here.on('end', () => there.end());
      here.on('error', () => there.destroy());
      here.on('close', () => {
        open.delete(here);
        there.destroy();
      });
    }
    network.on('close', () => {
      if (isSocket) history.add({ kind: 'hung_up', at_ms: Date.now(), link });
    });
  };

  const server = createServer({ allowHalfOpen: true }, join);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the tap has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    leadTo: (port) => {
      target = port;
    },
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
