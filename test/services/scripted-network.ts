// The network's end of one session as a test writes it: it can say the truth, or anything else.
import { NETWORK, NODE, ONLINE, TIME_MS } from '../../scripts/vectors/samples.js';
import type { MemoryConnection } from '../../src/adapters/network-socket/memory-network-sockets.js';
import { bytes32Of, digestOf } from '../../src/protocol/digest.js';
import { decodeFrame, encodeFrame, type FrameHeader } from '../../src/protocol/frame.js';
import { sessionId, signAsNetwork } from '../../src/protocol/handshake.js';
import { LIMITS } from '../../src/protocol/limits.js';
import { mustBeSigned, parseMessage, signedFacts } from '../../src/protocol/message-codec.js';
import type { Greeting, Welcome } from '../../src/protocol/messages/session.js';
import type { NetworkId } from '../../src/protocol/network-id.js';
import { ZERO_ADDRESS } from '../../src/protocol/primitives.js';
import type { NetworkSigner } from '../../src/protocol/signer.js';

/** How a frame may differ from an honest one. */
export interface Lie {
  readonly seq?: number;
  readonly session?: string;
  readonly key?: NetworkSigner;
  readonly network?: NetworkId;
  readonly node?: string;
  readonly isUnsigned?: boolean;
  readonly header?: Partial<FrameHeader>;
  /** Replaces the body's bytes after they were signed. */
  readonly bytes?: string;
}

export const GREETING: Greeting = {
  nonce: bytes32Of('the nonce of this connection'),
  network: 'devnet',
  versions: [1],
  time_ms: TIME_MS,
  config: null,
};

export class ScriptedNetwork {
  #seq = 0;
  #greetingDigest = '';

  constructor(private readonly connection: MemoryConnection) {}

  /** The session as this side computes it from what was said. */
  get session(): string {
    const [hello] = this.connection.sent;
    if (hello === undefined) throw new Error('the node has not said hello');
    return sessionId(this.#greetingDigest, decodeFrame(hello, LIMITS.offerBytes).header.bd);
  }

  greet(body: Partial<Greeting> = {}, lie: Lie = {}): void {
    const full = { ...GREETING, ...body };
    this.#greetingDigest = digestOf(JSON.stringify(full));
    this.#say('greeting', full, undefined, { node: ZERO_ADDRESS, ...lie });
  }

  /** `resume: undefined`: a network that is older than the field. */
  welcome(
    body: Partial<Omit<Welcome, 'resume'>> & { readonly resume?: Welcome['resume'] | undefined } = {},
    lie: Lie = {},
  ): void {
    this.say(
      'welcome',
      {
        session: this.session,
        standing: { state: 'active' },
        heartbeat_ms: 5_000,
        ping_ms: 10_000,
        dead_ms: 25_000,
        lease_ms: 30_000,
        stop: [],
        have: [],
        resume: [],
        ...body,
      },
      lie,
    );
  }

  /** Any frame of the session, signed where its kind demands it. */
  say(type: string, body: object, lie: Lie = {}): void {
    this.#say(type, body, this.session, lie);
  }

  /** What the node has sent, parsed. */
  get heard() {
    return this.connection.sent.map((bytes) => parseMessage(decodeFrame(bytes, LIMITS.resultBytes), 'node'));
  }

  #say(type: string, body: object, session: string | undefined, lie: Lie): void {
    const bytes = JSON.stringify(body);
    const said = 'session' in lie ? lie.session : session;
    const header: FrameHeader = {
      t: type,
      n: lie.seq ?? this.#seq++,
      ts: TIME_MS,
      bd: digestOf(bytes),
      ...(said === undefined ? {} : { s: said }),
    };
    const sign = signAsNetwork(lie.network ?? NETWORK, lie.key ?? ONLINE, lie.node ?? NODE.address);
    const isSigned = mustBeSigned(type) && lie.isUnsigned !== true;
    const signed = isSigned ? { ...header, sig: [sign(signedFacts(header))] } : header;
    this.connection.say(encodeFrame({ ...signed, ...lie.header }, lie.bytes ?? bytes));
  }
}
