// Collects an answer that comes in one piece; the exchange has already bounded its size.
import type { AnswerSink, ExchangeControl } from './exchange.js';

export class WholeSink<T> implements AnswerSink<T> {
  readonly #read: (bytes: Buffer) => T;
  readonly #chunks: Buffer[] = [];
  #control: ExchangeControl<T> | undefined;

  /** @param read turns the bytes into the result, or throws */
  constructor(read: (bytes: Buffer) => T) {
    this.#read = read;
  }

  open(control: ExchangeControl<T>): void {
    this.#control = control;
  }

  data(chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  end(): void {
    this.#control?.succeed(this.#read(Buffer.concat(this.#chunks)));
  }
}
