// All that sessions ask of a WebSocket.

export interface NodeSocket {
  /** A text message. */
  send(bytes: Uint8Array): void;
  ping(): void;
  close(code: number, reason: string): void;
  /** Cuts the connection without goodbye. */
  terminate(): void;
  /** Bytes accepted by `send` and not yet handed to the system. */
  readonly bufferedBytes: number;
}

/** How the node reached us: for the check of the origin it says it dialled. */
export interface Dialled {
  /** `Host` header as received. */
  readonly host: string | undefined;
  /** Own end of the TCP connection. */
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  /** Where the connection came from. */
  readonly remoteAddress: string | undefined;
}

export interface NodeSocketHandlers {
  message(bytes: Uint8Array, isText: boolean): void;
  pong(): void;
  /** Exactly once, last. */
  closed(code: number): void;
}
