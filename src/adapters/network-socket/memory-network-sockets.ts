// Sockets without a network: a test plays the far end. Behaves as the real ones: the first close wins, nothing is sent
// once closing, and nothing is heard of after an abort.
import type { NetworkSocket, NetworkSockets, SocketHandlers } from './network-sockets.js';

/** RFC 6455 section 7.4.1. */
const NORMAL = 1000;

/** One dialled connection, seen from the far end. */
export class MemoryConnection {
  /** What the node has sent so far. */
  readonly sent: Uint8Array[] = [];
  /** How the node hung up; undefined while it has not. */
  closedWith: { readonly code: number; readonly reason: string } | undefined;
  /** What the node last asked of the connection's pings. */
  keptAlive: { readonly pingMs: number; readonly deadMs: number } | undefined;
  #bufferedBytes = 0;
  #isOver = false;
  #waiting: { readonly bytes: number; readonly then: () => void }[] = [];

  constructor(
    readonly url: string,
    private readonly handlers: SocketHandlers,
    private readonly signal: AbortSignal,
  ) {}

  /** The node's end. */
  readonly socket: NetworkSocket = this.#nodeEnd();

  open(): void {
    if (!this.#isDeaf) this.handlers.opened();
  }

  /** Sends a message to the node. */
  say(bytes: Uint8Array): void {
    if (!this.#isDeaf) this.handlers.message(bytes);
  }

  /** Ends the connection from the far side, or completes the close the node began. */
  close(code: number, reason = ''): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#wake();
    if (!this.signal.aborted) this.handlers.closed(code, reason);
  }

  /** Pretends that so many bytes wait to be handed to the kernel. */
  set bufferedBytes(bytes: number) {
    this.#bufferedBytes = bytes;
    this.#wake();
  }

  get #isDeaf(): boolean {
    return this.#isOver || this.signal.aborted;
  }

  #nodeEnd(): NetworkSocket {
    const bufferedBytes = (): number => this.#bufferedBytes;
    return {
      send: (bytes) => {
        if (!this.#isOver && this.closedWith === undefined) this.sent.push(Uint8Array.from(bytes));
      },
      get bufferedBytes() {
        return bufferedBytes();
      },
      whenBelow: (bytes, then) => {
        this.#waiting.push({ bytes, then });
        this.#wake();
      },
      keepAlive: (pingMs, deadMs) => {
        this.keptAlive = { pingMs, deadMs };
      },
      close: (code, reason) => {
        this.closedWith ??= { code, reason };
      },
    };
  }

  #wake(): void {
    const isReady = ({ bytes }: { readonly bytes: number }): boolean =>
      this.#isOver || this.#bufferedBytes < bytes;
    const ready = this.#waiting.filter(isReady);
    this.#waiting = this.#waiting.filter((one) => !isReady(one));
    for (const { then } of ready) then();
  }
}

export class MemoryNetworkSockets implements NetworkSockets {
  /** Every connection dialled, oldest first. */
  readonly connections: MemoryConnection[] = [];

  dial(url: string, signal: AbortSignal, handlers: SocketHandlers): NetworkSocket {
    const connection = new MemoryConnection(url, handlers, signal);
    signal.addEventListener('abort', () => connection.socket.close(NORMAL, ''), { once: true });
    this.connections.push(connection);
    return connection.socket;
  }

  /** The newest connection. @throws Error when nothing was dialled yet */
  get last(): MemoryConnection {
    const last = this.connections.at(-1);
    if (last === undefined) throw new Error('nothing was dialled');
    return last;
  }
}
