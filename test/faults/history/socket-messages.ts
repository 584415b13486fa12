// Reads along one direction of a connection: after the HTTP head of a WebSocket upgrade, the text messages in it
// (RFC 6455 section 5.2). Other HTTP traffic is let pass unread. `ws` has such a reader, but does not declare it.
const HEAD_END = Buffer.from('\r\n\r\n');
const TEXT = 0x1;
const CONTINUATION = 0x0;

export class SocketMessages {
  readonly #told: (message: Uint8Array) => void;
  #bytes: Buffer = Buffer.alloc(0);
  #mode: 'head' | 'messages' | 'ignored' = 'head';
  #parts: Uint8Array[] = [];

  constructor(told: (message: Uint8Array) => void) {
    this.#told = told;
  }

  push(bytes: Buffer): void {
    if (this.#mode === 'ignored') return;
    this.#bytes = this.#bytes.length === 0 ? bytes : Buffer.concat([this.#bytes, bytes]);
    if (this.#mode === 'head') this.#readHead();
    if (this.#mode === 'messages') while (this.#readFrame());
  }

  #readHead(): void {
    const end = this.#bytes.indexOf(HEAD_END);
    if (end === -1) return;
    const head = this.#bytes.subarray(0, end).toString('latin1');
    this.#mode = /\r\nupgrade:\s*websocket/i.test(head) ? 'messages' : 'ignored';
    this.#bytes = this.#bytes.subarray(end + HEAD_END.length);
  }

  /** @returns whether a whole frame was there */
  #readFrame(): boolean {
    const [first, second] = this.#bytes;
    if (first === undefined || second === undefined) return false;
    const short = second & 0x7f;
    const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
    const isMasked = (second & 0x80) !== 0;
    const start = 2 + lengthBytes + (isMasked ? 4 : 0);
    if (this.#bytes.length < start) return false;
    const length =
      lengthBytes === 0
        ? short
        : lengthBytes === 2
          ? this.#bytes.readUInt16BE(2)
          : Number(this.#bytes.readBigUInt64BE(2));
    if (this.#bytes.length < start + length) return false;
    const payload = Buffer.from(this.#bytes.subarray(start, start + length));
    if (isMasked) unmask(payload, this.#bytes.subarray(start - 4, start));
    this.#bytes = this.#bytes.subarray(start + length);
    const opcode = first & 0x0f;
    if (opcode === TEXT || opcode === CONTINUATION) this.#take(payload, (first & 0x80) !== 0);
    return true;
  }

  #take(payload: Uint8Array, isLast: boolean): void {
    this.#parts.push(payload);
    if (!isLast) return;
    const message = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#told(message);
  }
}

const unmask = (payload: Buffer, mask: Buffer): void => {
  for (let at = 0; at < payload.length; at++) payload[at] = (payload[at] ?? 0) ^ (mask[at % 4] ?? 0);
};
