// One WebSocket to the node, its messages parsed. It only listens: a page that speaks is hung up on.
import { fromCallback } from 'xstate';
import { type FeedMessage, feedMessage } from '../../../src/console/feed/feed-messages.js';
import type { ConnectionEvent } from './connection-machine.js';

interface Listener {
  /** @param atMs when it came, by this browser's clock */
  heard(message: FeedMessage, atMs: number): void;
  /** A message this page does not understand, most likely of a newer node. */
  puzzled(reason: string): void;
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** The token goes where a browser lets one be said: among the subprotocols, never in the address. */
export const holdFeed = (token: string, listener: Listener) =>
  fromCallback<ConnectionEvent>(({ sendBack }) => {
    const report: (event: ConnectionEvent) => void = sendBack;
    const url = new URL('api/feed', location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    url.hash = '';
    const socket = new WebSocket(url, ['resultity.console.v1', `token.${token}`]);
    let isLeft = false;
    socket.addEventListener('message', ({ data }) => {
      if (isLeft) return;
      const message = feedMessage.safeParse(parsed(String(data)));
      if (!message.success) {
        listener.puzzled(message.error.issues.map(({ path }) => path.join('.')).join(', '));
        return;
      }
      listener.heard(message.data, Date.now());
      if (message.data.type === 'hello') report({ type: 'feed.opened' });
    });
    socket.addEventListener('close', () => {
      if (!isLeft) report({ type: 'feed.closed' });
    });
    return () => {
      isLeft = true;
      socket.close();
    };
  });
