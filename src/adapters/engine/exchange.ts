// One HTTP exchange with an engine that may be hostile: settles exactly once, whatever the far end does, counts
// every byte, and turns the library's errors into ours. What the body means is the sink's business.
import {
  OutputMalformedError,
  RuntimeCrashedError,
  RuntimeStalledError,
  RuntimeUnreachableError,
} from './engine-errors.js';
import { errorForStatus } from './engine-failure.js';
import type { SilenceWatch, Watched } from './silence-watch.js';
import { parseOrUndefined } from './whole-answer.js';

/** The part of undici's DispatchController that is used; `abort` destroys the socket at once. */
export interface DispatchControl {
  abort(reason: Error): void;
}

/** The connection an exchange has been given. */
export interface Connection {
  readonly gate: { hold(): void; release(): void };
  /** The request is over and the connection free. */
  over(): void;
  /** The request has not reached a socket and is not wanted any more. */
  giveUp(): void;
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** What a sink may do to its exchange. */
export interface ExchangeControl<T> {
  pause(): void;
  resume(): void;
  succeed(value: T): void;
  /** The value stands; the far end gets `lingerMs` to close the answer, and what it breaks meanwhile is harmless. */
  succeedSoon(value: T, lingerMs: number): void;
  fail(error: unknown): void;
}

/** Takes the body of a 2xx answer. What a method throws fails the exchange. */
export interface AnswerSink<T> {
  open(control: ExchangeControl<T>, headers: Headers): void;
  data(chunk: Buffer): void;
  /** All bytes have come. The sink succeeds or fails now or when it has worked them off. */
  end(): void;
}

export interface ExchangeLimits {
  /** Bytes of the body. */
  readonly maxAnswerBytes: number;
  readonly silence: SilenceWatch;
  /** The first byte may take its time: only silence after it counts. */
  readonly isPatient?: boolean;
}

const MAX_ERROR_BODY_BYTES = 64 * 1024;
/** 1xx answers before the real one: there is no reason for more than one or two. */
const MAX_INTERIM_ANSWERS = 8;

export class Exchange<T> implements ExchangeControl<T>, Watched {
  readonly result: Promise<T>;
  heardAt = 0;
  readonly #sink: AnswerSink<T>;
  readonly #limits: ExchangeLimits;
  readonly #signal: AbortSignal;
  readonly #aborted = (): void => this.fail(this.#signal.reason);
  #resolve: (value: T) => void = () => {};
  #reject: (error: unknown) => void = () => {};
  #connection: Connection | undefined;
  #control: DispatchControl | undefined;
  #isHeld = false;
  #settled = false;
  #complete = false;
  #standing: { readonly value: T } | undefined;
  #linger: NodeJS.Timeout | undefined;
  #status = 0;
  #interim = 0;
  #bytes = 0;
  readonly #errorBody: Buffer[] = [];

  constructor(sink: AnswerSink<T>, limits: ExchangeLimits, signal: AbortSignal) {
    this.#sink = sink;
    this.#limits = limits;
    this.#signal = signal;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    signal.addEventListener('abort', this.#aborted, { once: true });
  }

  /** Before the request is sent. */
  begin(connection: Connection): void {
    this.#connection = connection;
    if (this.#limits.isPatient !== true) this.#limits.silence.add(this);
  }

  pause(): void {
    this.#isHeld = true;
    this.#connection?.gate.hold();
  }

  resume(): void {
    if (this.#settled) return;
    this.#isHeld = false;
    this.heardAt = this.#limits.silence.look;
    this.#connection?.gate.release();
  }

  silent(): void {
    if (this.#isHeld) return;
    if (this.#standing !== undefined) {
      this.succeed(this.#standing.value);
      return;
    }
    const { limitMs: idleMs } = this.#limits.silence;
    this.fail(new RuntimeStalledError(`the engine sent nothing for ${idleMs} ms`, { details: { idleMs } }));
  }

  succeed(value: T): void {
    if (this.#settled) return;
    this.#settle();
    this.#resolve(value);
  }

  succeedSoon(value: T, lingerMs: number): void {
    this.#standing = { value };
    this.#linger = setTimeout(() => this.succeed(value), lingerMs);
  }

  fail(error: unknown): void {
    if (this.#settled) return;
    this.#settle();
    this.#reject(error);
  }

  onRequestStart(control: DispatchControl): void {
    this.#control = control;
    if (this.#settled) control.abort(LEFT);
  }

  onResponseStart(_control: DispatchControl, status: number, headers: Headers): void {
    if (status < 200) {
      if (++this.#interim > MAX_INTERIM_ANSWERS) {
        this.fail(new OutputMalformedError('the engine sent interim answers without end'));
      }
      return;
    }
    this.#status = status;
    if (this.#limits.isPatient === true) this.#limits.silence.add(this);
    if (this.#isSuccess) this.#guard(() => this.#sink.open(this, headers));
  }

  onResponseData(_control: DispatchControl, chunk: Buffer): void {
    if (this.#settled) return;
    this.heardAt = this.#limits.silence.look;
    this.#bytes += chunk.length;
    if (!this.#isSuccess) {
      if (this.#bytes > MAX_ERROR_BODY_BYTES) this.fail(errorForStatus(this.#status, undefined));
      else this.#errorBody.push(Buffer.from(chunk));
      return;
    }
    if (this.#bytes > this.#limits.maxAnswerBytes) {
      const { maxAnswerBytes } = this.#limits;
      this.fail(
        new OutputMalformedError(`the engine's answer is larger than ${maxAnswerBytes} bytes`, {
          details: { maxAnswerBytes },
        }),
      );
      return;
    }
    try {
      this.#sink.data(chunk);
    } catch (error) {
      this.fail(error);
    }
  }

  onResponseEnd(): void {
    this.#completed();
    if (this.#settled) return;
    if (this.#isSuccess) this.#guard(() => this.#sink.end());
    else this.fail(errorForStatus(this.#status, parseOrUndefined(Buffer.concat(this.#errorBody))));
  }

  onResponseError(_control: DispatchControl | undefined, error: Error): void {
    this.#completed();
    if (this.#standing === undefined) this.fail(this.#translate(error));
    else this.succeed(this.#standing.value);
  }

  get #isSuccess(): boolean {
    return this.#status >= 200 && this.#status < 300;
  }

  #guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.fail(error);
    }
  }

  #settle(): void {
    this.#settled = true;
    clearTimeout(this.#linger);
    this.#signal.removeEventListener('abort', this.#aborted);
    this.#limits.silence.remove(this);
    if (this.#complete) return;
    if (this.#control === undefined) this.#connection?.giveUp();
    else this.#control.abort(LEFT);
  }

  #completed(): void {
    if (this.#complete) return;
    this.#complete = true;
    this.#connection?.over();
  }

  /** The library's errors may carry bytes of the answer, so only their code is kept once a request has begun. */
  #translate(error: Error & { code?: unknown }): Error {
    const code = typeof error.code === 'string' ? error.code : error.name;
    const details = { cause: code };
    if (this.#control === undefined) {
      const advice = CONNECTION_ADVICE[code];
      return new RuntimeUnreachableError(`no connection to the engine (${code})`, {
        cause: error,
        details,
        ...(advice !== undefined && { advice }),
      });
    }
    if (code === 'UND_ERR_HEADERS_OVERFLOW' || (error.name === 'HTTPParserError' && !isCutShort(error))) {
      return new OutputMalformedError("the engine's answer is not proper HTTP", { details });
    }
    return new RuntimeCrashedError(`the connection to the engine broke (${code})`, { details });
  }
}

/** Given to undici when the exchange is over for us and the socket must go; nobody sees it. */
const LEFT = new Error('the exchange is over');

/** llhttp calls a body that ends too early a parser error; for us the engine went away. */
const isCutShort = (error: Error): boolean => error.message.includes('Invalid EOF state');

const CONNECTION_ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Start the engine, or correct its address.',
  ENOENT: 'Start the engine, or correct the path of its socket.',
  EACCES: "Let the Agent's user connect to the engine's socket.",
};
