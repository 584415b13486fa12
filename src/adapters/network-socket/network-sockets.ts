// All the node asks of a WebSocket library.

export interface SocketHandlers {
  opened(): void;
  message(bytes: Uint8Array): void;
  /** Exactly once per dial, even if the socket never opened; never after an abort. */
  closed(code: number, reason: string): void;
}

export interface NetworkSocket {
  /** Queues one text message. Ignored once closing. */
  send(bytes: Uint8Array): void;
  /** Bytes queued and not yet handed to the kernel. */
  readonly bufferedBytes: number;
  /** Calls back once less than `bytes` are queued, or the socket closed. */
  whenBelow(bytes: number, then: () => void): void;
  /** Pings so often from now on, and ends a connection that stays silent so long; milliseconds. */
  keepAlive(pingMs: number, deadMs: number): void;
  close(code: number, reason: string): void;
}

export interface NetworkSockets {
  /** A refused or lost connection arrives as `closed`, not as a throw. Aborting hangs up with 1000. */
  dial(url: string, signal: AbortSignal, handlers: SocketHandlers): NetworkSocket;
}
