// Keeps a socket to a receiver of @statelyai/inspect and tells it of the statecharts. The package's own socket comes back
// after an error only, keeps a process alive that wants to end, and forgets actors that are older than 200 messages.
import type { Logger } from 'pino';
import { WebSocket } from 'ws';
import type { Viewer, Viewers } from '../inspection/viewers.js';

export interface StatelyLink {
  close(): void;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
const GOING_AWAY = 1001;
/** For the receiver to answer that it heard the end. */
const FAREWELL_MS = 500;
const HANDSHAKE_MS = 10_000;
/** A relay passes on what others tell it as well; all of it is ignored. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/** @param url of the receiver; only its host is logged, for the rest may hold a secret */
export const openStatelyLink = (url: string, viewers: Viewers, logger: Logger): StatelyLink => {
  const { host } = new URL(url);
  let socket: WebSocket | undefined;
  let again: NodeJS.Timeout | undefined;
  let failures = 0;
  let isClosed = false;

  const dial = (): void => {
    const ws = new WebSocket(url, {
      perMessageDeflate: false,
      maxPayload: MAX_MESSAGE_BYTES,
      handshakeTimeout: HANDSHAKE_MS,
    });
    socket = ws;
    let viewer: Viewer | undefined;
    ws.on('error', () => {}); // `ws` emits close after every error
    ws.on('open', () => {
      failures = 0;
      logger.info(
        { event: 'stately.connected', host },
        'the statecharts are shown to a receiver of @statelyai/inspect',
      );
      viewer = viewers.attach({
        send: (text, sent) => ws.send(text, sent),
        bufferedBytes: () => ws.bufferedAmount,
      });
    });
    ws.on('close', (code) => {
      viewer?.leave();
      if (isClosed) return;
      if (failures === 0) {
        logger.warn(
          { event: 'stately.lost', host, code },
          'no receiver of @statelyai/inspect there: trying again',
        );
      }
      again = setTimeout(dial, Math.min(FIRST_WAIT_MS * 2 ** failures, LONGEST_WAIT_MS));
      again.unref();
      failures++;
    });
  };

  dial();
  return {
    close: () => {
      isClosed = true;
      clearTimeout(again);
      const last = socket;
      last?.close(GOING_AWAY, 'the node ends');
      const late = setTimeout(() => last?.terminate(), FAREWELL_MS);
      last?.once('close', () => clearTimeout(late));
    },
  };
};
