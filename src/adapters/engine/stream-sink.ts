// Reads a stream of chunks, event by event, without promises or buffers on the way unless the listener asks to
// wait. A stream is a success only if every choice has its finish reason and `[DONE]` came last.
import { createParser, type EventSourceMessage, type EventSourceParser } from 'eventsource-parser';
import type { ChunkListener, EngineStreamEnd } from './engine-client.js';
import { OutputMalformedError, RuntimeCrashedError } from './engine-errors.js';
import type { AnswerSink, ExchangeControl } from './exchange.js';
import { type EngineChunk, parseStreamChunk, reportedFailure } from './stream-chunk.js';
import { Utf8Reader } from './utf8-reader.js';
import { isEngineFault, usageOf } from './whole-answer.js';

export interface StreamSinkOptions {
  /** Length of one event, or of one line, in UTF-16 units. */
  readonly maxEventChars: number;
  /** Choices the request asked for; each must finish. */
  readonly choices: number;
  /** After `[DONE]`, how long the engine may take to end the answer before the connection is given up. */
  readonly lingerMs: number;
}

export class StreamSink implements AnswerSink<EngineStreamEnd> {
  readonly #onChunk: ChunkListener;
  readonly #options: StreamSinkOptions;
  readonly #utf8 = new Utf8Reader();
  readonly #events: EventSourceParser;
  #control: ExchangeControl<EngineStreamEnd> | undefined;
  /** Events that came while the listener was busy: at most what one read of the socket held. */
  #waiting: string[] | undefined;
  #bodyEnded = false;
  #usage: EngineChunk['usage'];
  /** By choice index: undefined unseen, null running, else how it finished. */
  readonly #finished: (string | null | undefined)[] = [];
  #end: EngineStreamEnd | undefined;

  constructor(onChunk: ChunkListener, options: StreamSinkOptions) {
    this.#onChunk = onChunk;
    this.#options = options;
    this.#events = createParser({
      onEvent: (event) => this.#event(event),
      onError: (error) => {
        if (error.type === 'max-buffer-size-exceeded') {
          throw new OutputMalformedError(
            `the engine sent an event longer than ${options.maxEventChars} characters`,
          );
        }
        // llama.cpp has sent failures as a field of their own, `error: {…}`; other unknown fields mean nothing.
        if (error.type === 'unknown-field' && error.field === 'error')
          throw reportedFailure(jsonOf(error.value ?? ''));
      },
      maxBufferSize: options.maxEventChars,
    });
  }

  open(control: ExchangeControl<EngineStreamEnd>, headers: Readonly<Record<string, unknown>>): void {
    this.#control = control;
    const type = headers['content-type'];
    if (typeof type !== 'string' || !/^text\/event-stream\b/i.test(type)) {
      throw new OutputMalformedError('the engine did not answer with an event stream');
    }
  }

  data(chunk: Buffer): void {
    const text = this.#utf8.read(chunk);
    if (text !== '') this.#events.feed(text);
  }

  end(): void {
    this.#bodyEnded = true;
    if (this.#waiting === undefined) this.#conclude();
  }

  #event({ event, data }: EventSourceMessage): void {
    if (event === 'error') throw reportedFailure(jsonOf(data));
    if (this.#waiting === undefined) this.#take(data);
    else this.#waiting.push(data);
  }

  #take(data: string): void {
    if (this.#end !== undefined)
      throw new OutputMalformedError('the engine went on after the end of its stream');
    if (data === '[DONE]') {
      this.#done();
      return;
    }
    const chunk = parseStreamChunk(data);
    this.#follow(chunk);
    const busy = this.#onChunk(data, chunk);
    if (busy !== undefined) this.#wait(busy);
  }

  #follow(chunk: EngineChunk): void {
    if (chunk.usage !== undefined && chunk.usage !== null) this.#usage = chunk.usage;
    for (const { index, delta, text, finish_reason: reason } of chunk.choices) {
      const finished = this.#finished[index] ?? null;
      if (finished !== null && ((delta?.content ?? text ?? '') !== '' || (reason ?? finished) !== finished)) {
        throw new OutputMalformedError('the engine went on with a choice it had finished');
      }
      this.#finished[index] = reason ?? finished;
    }
  }

  #wait(busy: Promise<void>): void {
    this.#waiting = [];
    this.#control?.pause();
    busy.then(
      () => this.#workOff(),
      (error: unknown) => this.#control?.fail(error),
    );
  }

  #workOff(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    try {
      for (const [at, data] of waiting.entries()) {
        this.#take(data);
        if (this.#isWaiting()) {
          this.#waiting = waiting.slice(at + 1);
          return;
        }
      }
      if (this.#bodyEnded) this.#conclude();
      else this.#control?.resume();
    } catch (error) {
      this.#control?.fail(error);
    }
  }

  #isWaiting(): boolean {
    return this.#waiting !== undefined;
  }

  #done(): void {
    this.#end = this.#checkedEnd();
    this.#control?.succeedSoon(this.#end, this.#options.lingerMs);
  }

  #checkedEnd(): EngineStreamEnd {
    const reasons: string[] = [];
    for (let index = 0; index < Math.max(this.#finished.length, this.#options.choices); index++) {
      const reason = this.#finished[index];
      if (reason === undefined && index >= this.#options.choices) continue;
      if (reason === undefined || reason === null) {
        throw new RuntimeCrashedError('the engine ended its stream before the answer was finished');
      }
      if (isEngineFault(reason)) throw new RuntimeCrashedError('the engine gave up on the request');
      reasons.push(reason);
    }
    const [finishReason] = reasons;
    if (finishReason === undefined)
      throw new RuntimeCrashedError('the engine ended its stream without an answer');
    return { usage: usageOf(this.#usage), finishReason };
  }

  #conclude(): void {
    if (this.#end === undefined || this.#utf8.unfinished) {
      throw new RuntimeCrashedError("the engine's stream stopped in the middle");
    }
    this.#control?.succeed(this.#end);
  }
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text.slice(0, 4096));
  } catch {
    return undefined;
  }
};
