// A node that does what a test says: real WebSocket, real signatures, no mind of its own. Every frame that arrives is
// kept; every frame it sends can be bent first.
import { once } from 'node:events';
import { ulid } from 'ulid';
import { WebSocket } from 'ws';
import { digestOf } from '../../../src/protocol/digest.js';
import { decodeFrame, encodeFrame, type FrameHeader } from '../../../src/protocol/frame.js';
import { sessionId, signAsNode, verifyNetworkFrame } from '../../../src/protocol/handshake.js';
import { MAX_FRAME_BYTES, SUBPROTOCOL } from '../../../src/protocol/limits.js';
import { type Incoming, parseMessage, signedFacts } from '../../../src/protocol/message-codec.js';
import { MESSAGES, type MessageBody, type MessageType } from '../../../src/protocol/messages/catalogue.js';
import type { NetworkId } from '../../../src/protocol/network-id.js';
import { ZERO_ADDRESS } from '../../../src/protocol/primitives.js';
import { NO_DIGEST, type Receipt, receiptHash } from '../../../src/protocol/receipt.js';
import type { NodeSigner } from '../../../src/protocol/signer.js';
import { startStreamChain } from '../../../src/protocol/stream-chain.js';

/** A known message, narrowed to its type. */
export type Message<T extends MessageType> = Extract<Incoming, { readonly type: T }>;
export type Offer = Message<'job.offer'>;

export interface ScriptedNodeOptions {
  /** `ws://127.0.0.1:port` */
  readonly origin: string;
  readonly network: NetworkId;
  readonly signer: NodeSigner;
  /** Addresses of the network's online keys: signed frames from it are checked. */
  readonly onlineKeys: readonly string[];
  readonly configDigest: string | null;
  /** Active models: id and manifest digest. */
  readonly models: readonly { readonly id: string; readonly digest: string }[];
  readonly configVersion?: number;
  readonly nowMs?: () => number;
}

/** Of all of them: a node that comes again is the same process, unless a test says otherwise. */
const INSTANCE = ulid();

/** What of a frame a test may bend before it leaves. */
export interface Bend {
  readonly header?: (header: FrameHeader) => FrameHeader;
  readonly body?: (bytes: Buffer) => Buffer;
  /** Sign after bending, as a dishonest node would; by default bending breaks the signature. */
  readonly resign?: boolean;
}

export class ScriptedNode {
  readonly received: Incoming[] = [];
  /** Resolves with the close code. */
  readonly closed: Promise<number>;
  session: string | undefined;
  seq = 0;
  /** Of the next receipt; a node that reconnects carries them over. */
  receiptSeq = 0;
  previous: string = NO_DIGEST;
  #greetingDigest = '';
  #waiting: (() => void)[] = [];
  #isClosed = false;

  constructor(
    readonly options: ScriptedNodeOptions,
    readonly socket: WebSocket,
  ) {
    this.closed = new Promise((resolve) => {
      socket.on('close', (code) => {
        this.#isClosed = true;
        this.#wake();
        resolve(code);
      });
    });
    socket.on('error', () => {}); // close follows
    socket.on('message', (data: Buffer) => this.#take(data));
  }

  /** Opens the socket and waits for the greeting. */
  static async dial(
    options: ScriptedNodeOptions,
    socketOptions: { readonly autoPong?: boolean; readonly headers?: Record<string, string> } = {},
  ): Promise<ScriptedNode> {
    const socket = new WebSocket(`${options.origin}/v1/nodes/ws`, SUBPROTOCOL, {
      perMessageDeflate: false,
      ...socketOptions,
    });
    const node = new ScriptedNode(options, socket);
    await Promise.race([once(socket, 'open'), node.closed]);
    return node;
  }

  /** Dials, answers the greeting and waits for the welcome. */
  static async join(
    options: ScriptedNodeOptions,
    hello: Partial<MessageBody<'hello'>> = {},
  ): Promise<ScriptedNode> {
    const node = await ScriptedNode.dial(options);
    await node.hello(hello);
    await node.next('welcome');
    return node;
  }

  get address(): string {
    return this.options.signer.address;
  }

  async hello(change: Partial<MessageBody<'hello'>> = {}, bend: Bend = {}): Promise<void> {
    const greeting = await this.next('greeting');
    const { configDigest, models, origin } = this.options;
    const body: MessageBody<'hello'> = {
      nonce: greeting.body.nonce,
      node: this.address,
      audience: origin,
      instance: INSTANCE,
      agent_version: '0.1.0',
      protocol: 1,
      config_digest: configDigest,
      models: models.map((model) => ({ ...model, state: 'active' })),
      running: [],
      outbox: [],
      ...change,
    };
    const sent = this.send('hello', body, bend);
    this.session = sessionId(this.#greetingDigest, sent.bd);
  }

  /** @returns the header as it left */
  send<T extends MessageType>(type: T, body: MessageBody<T>, bend: Bend = {}): FrameHeader {
    return this.sendAny(type, body, MESSAGES[type].signed, bend);
  }

  sendAny(type: string, body: unknown, isSigned: boolean, bend: Bend = {}): FrameHeader {
    const honest = Buffer.from(JSON.stringify(body));
    const header: FrameHeader = {
      t: type,
      n: this.seq++,
      ts: this.options.nowMs?.() ?? Date.now(),
      bd: digestOf(honest),
      ...(this.session === undefined ? {} : { s: this.session }),
    };
    const sign = (it: FrameHeader): FrameHeader =>
      isSigned
        ? { ...it, sig: [signAsNode(this.options.network, this.options.signer)(signedFacts(it))] }
        : it;
    const bytes = bend.body?.(honest) ?? honest;
    const bent = (it: FrameHeader): FrameHeader => bend.header?.(it) ?? it;
    const final = bend.resign === true ? sign(bent({ ...header, bd: digestOf(bytes) })) : bent(sign(header));
    this.sendBytes(encodeFrame(final, bytes));
    return final;
  }

  sendBytes(bytes: Uint8Array): void {
    this.socket.send(bytes, { binary: false });
  }

  /** The oldest message of a type that was not taken yet; rejects when the socket closes first. */
  async next<T extends MessageType>(type: T): Promise<Message<T>> {
    for (;;) {
      const at = this.received.findIndex((message) => message.type === type);
      const [message] = at === -1 ? [] : this.received.splice(at, 1);
      if (message !== undefined) return message as Message<T>;
      if (this.#isClosed) throw new Error(`the socket closed while '${type}' was awaited`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Says it can work: one heartbeat, then capacity, and waits until the network has taken both. */
  async offerCapacity(
    creditLimit: number,
    slots = creditLimit,
    change: Partial<MessageBody<'heartbeat'>> = {},
  ): Promise<void> {
    this.send('capacity', { credit_limit: creditLimit, slots: { total: slots, free: slots } });
    await this.heartbeat({ credit_limit: creditLimit, ...change });
  }

  async heartbeat(change: Partial<MessageBody<'heartbeat'>> = {}): Promise<Message<'heartbeat.ack'>> {
    const { network, configDigest, models } = this.options;
    this.send('heartbeat', {
      network: network.name,
      agent_version: '0.1.0',
      protocol: 1,
      config_digest: configDigest,
      runtime: { state: 'ready', engine: 'simulator', uptime_ms: 1, restarts: 0 },
      models: models.map((model) => ({ ...model, state: 'active' })),
      hardware: HARDWARE,
      jobs: { running: 0, queued: 0, outbox: 0 },
      credit_limit: 0,
      prefs: { draining: false, paused: false },
      clock_offset_ms: 0,
      ...change,
    });
    return await this.next('heartbeat.ack');
  }

  accept(offer: Offer): void {
    const { job, attempt } = offer.body;
    this.send('job.accept', { job, attempt, request_digest: offer.header.bd, position: 0 });
  }

  delta(offer: Offer, i: number, chunks: string[]): void {
    const { job, attempt } = offer.body;
    this.send('job.delta', { batch: [{ job, attempt, i, chunks }] });
  }

  /** An honest receipt for an offer, next in this node's chain. */
  receipt(offer: Offer, made: Made, change: Partial<Receipt> = {}): Receipt {
    const { job, attempt, model } = offer.body;
    const parts = made.chunks ?? (made.output === undefined ? [] : [made.output]);
    const chain = startStreamChain(job, attempt, offer.header.bd);
    for (const part of parts) chain.append(part);
    const text =
      made.chunks === undefined ? (made.output ?? '') : made.chunks.map((one) => `${one}\n`).join('');
    return {
      job,
      attempt,
      node: this.address,
      session: this.session ?? '',
      config_version: this.options.configVersion ?? 1,
      config_digest: this.options.configDigest ?? NO_DIGEST,
      model: model.id,
      model_digest: model.digest,
      runtime_digest: NO_DIGEST,
      agent_version: '0.1.0',
      request_digest: offer.header.bd,
      output_digest: digestOf(text),
      output_bytes: Buffer.byteLength(text),
      stream_head: chain.head,
      chunk_count: chain.length,
      prompt_tokens: made.usage?.prompt_tokens ?? 5,
      completion_tokens: made.usage?.completion_tokens ?? 7,
      finish_reason: 'stop',
      outcome: 'completed',
      accepted_ms: 1,
      queue_ms: 0,
      first_token_ms: 1,
      total_ms: 100,
      seq: this.receiptSeq,
      previous: this.previous,
      ...change,
    };
  }

  /** Signs a receipt and takes it into the chain. */
  result(receipt: Receipt, made: Made, sendChunks = false): MessageBody<'result'> {
    this.receiptSeq = receipt.seq + 1;
    this.previous = `sha256:${receiptHash(this.options.network, receipt).slice(2)}`;
    return {
      receipt,
      receipt_sig: this.options.signer.signReceipt(this.options.network, receipt),
      ...(made.output === undefined ? {} : { output: made.output }),
      ...(sendChunks ? { chunks: [...(made.chunks ?? [])] } : {}),
      ...(made.refusal === undefined ? {} : { refusal: made.refusal }),
    };
  }

  /** Sends an honest result. */
  finish(offer: Offer, made: Made, change: Partial<Receipt> = {}, sendChunks = false): MessageBody<'result'> {
    const result = this.result(this.receipt(offer, made, change), made, sendChunks);
    this.send('result', result);
    return result;
  }

  async close(): Promise<number> {
    this.socket.close(1000);
    return await this.closed;
  }

  /** Cuts the link without a word. */
  async cut(): Promise<number> {
    this.socket.terminate();
    return await this.closed;
  }

  #take(data: Buffer): void {
    const frame = decodeFrame(data, MAX_FRAME_BYTES);
    if (frame.header.t === 'greeting') this.#greetingDigest = frame.header.bd;
    const message = parseMessage(frame, 'network');
    if (MESSAGES[message.type].signed) {
      const to = message.type === 'greeting' ? ZERO_ADDRESS : this.address;
      verifyNetworkFrame(this.options.network, frame.header, to, this.options.onlineKeys);
    }
    this.received.push(message);
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** What an attempt made: a body, or chunks. */
export interface Made {
  readonly output?: string;
  readonly chunks?: readonly string[];
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number };
  readonly refusal?: { readonly code: string; readonly param?: string };
}

/** A chat answer as an engine writes it. */
export const chatAnswer = (content: string, usage = { prompt_tokens: 5, completion_tokens: 7 }): Made => ({
  output: JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage,
  }),
  usage,
});

/** A chat stream as an engine writes it, usage in the last chunk. */
export const chatStream = (words: readonly string[]): Made & { readonly chunks: readonly string[] } => {
  const usage = { prompt_tokens: 5, completion_tokens: words.length };
  const chunk = (delta: object, rest: object = {}): string =>
    JSON.stringify({ object: 'chat.completion.chunk', choices: [{ index: 0, delta }], usage: null, ...rest });
  return {
    chunks: [
      chunk({ role: 'assistant', content: '' }),
      ...words.map((content) => chunk({ content })),
      chunk({}, { choices: [], usage }),
    ],
    usage,
  };
};

export const HARDWARE: MessageBody<'heartbeat'>['hardware'] = {
  gpus: [],
  cpu: { model: 'test', cores: 2 },
  ram_bytes: { total: 1, free: 1 },
  disk_bytes: { total: 1, free: 1 },
  os: 'linux',
};
