// One direction of one connection: bytes wait in a queue until the weather lets them through, in order.
import type { Socket } from 'node:net';
import { draw, type Random, type Weather } from './weather.js';

/** Bytes that may wait here; more are left with the sender. */
const QUEUE_BYTES = 64 * 1024;

interface Waiting {
  readonly bytes: Buffer;
  readonly dueMs: number;
}

export interface PipeParts {
  readonly from: Socket;
  readonly to: Socket;
  readonly weather: () => Weather;
  readonly random: Random;
  /** Ends both directions. */
  readonly cut: (how: 'end' | 'reset') => void;
}

export class Pipe {
  readonly #parts: PipeParts;
  readonly #queue: Waiting[] = [];
  #queued = 0;
  #lastDueMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #isBlocked = false;
  /** Bytes until the connection is cut, and until a bit turns over; drawn when the weather is first felt. */
  #left: { readonly how: 'end' | 'reset'; bytes: number } | undefined;
  #untilFlip: number | undefined;
  #farewell: 'end' | 'reset' | undefined;
  #isCut = false;
  #isOver = false;

  constructor(parts: PipeParts) {
    this.#parts = parts;
    const { from, to } = parts;
    from.on('data', (bytes: Buffer) => this.#take(bytes));
    from.on('end', () => this.#leave('end'));
    from.on('error', () => this.#leave('reset'));
    from.on('close', () => this.#leave('end'));
    to.on('drain', () => {
      this.#isBlocked = false;
      this.wake();
    });
  }

  /** The weather has changed. */
  changed(): void {
    this.#left = undefined;
    this.#untilFlip = undefined;
    this.wake();
  }

  /** Nothing is passed on from now on, not even the end. */
  stop(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  wake(): void {
    clearTimeout(this.#timer);
    if (this.#isOver) return;
    const { from, to, weather, cut } = this.#parts;
    const { isHeld = false, slowCloseMs = 0 } = weather();
    if (isHeld || this.#isBlocked) return;
    for (let head = this.#queue[0]; head !== undefined; head = this.#queue[0]) {
      const waitMs = head.dueMs - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.wake(), waitMs);
        return;
      }
      this.#queue.shift();
      this.#queued -= head.bytes.length;
      if (!to.destroyed && !to.write(head.bytes)) {
        this.#isBlocked = true;
        return;
      }
    }
    if (this.#isCut) cut(this.#left?.how ?? 'end');
    else if (this.#farewell === 'reset') to.resetAndDestroy();
    else if (this.#farewell === 'end') this.#timer = setTimeout(() => to.end().resume(), slowCloseMs);
    else from.resume();
  }

  #leave(how: 'end' | 'reset'): void {
    this.#farewell ??= how;
    this.wake();
  }

  #take(bytes: Buffer): void {
    if (this.#isCut || this.#isOver) return;
    const passing = this.#limited(this.#corrupted(bytes));
    for (const slice of this.#sliced(passing)) this.#push(slice);
    const { isHeld = false } = this.#parts.weather();
    if (isHeld || this.#queued > QUEUE_BYTES) this.#parts.from.pause();
    this.wake();
  }

  #push(bytes: Buffer): void {
    const { latencyMs = 0, bytesPerSecond, sliceBytes } = this.#parts.weather();
    const spentMs =
      (bytesPerSecond === undefined ? 0 : (bytes.length * 1000) / bytesPerSecond) + (sliceBytes ? 1 : 0);
    this.#lastDueMs = Math.max(this.#lastDueMs, performance.now() + latencyMs) + spentMs;
    this.#queue.push({ bytes, dueMs: this.#lastDueMs });
    this.#queued += bytes.length;
  }

  #limited(bytes: Buffer): Buffer {
    const { weather, random } = this.#parts;
    const { limitData, resetAfter } = weather();
    const range = resetAfter ?? limitData;
    if (range === undefined) return bytes;
    this.#left ??= { how: resetAfter === undefined ? 'end' : 'reset', bytes: draw(range, random) };
    this.#isCut = bytes.length >= this.#left.bytes;
    const passing = bytes.subarray(0, this.#left.bytes);
    this.#left.bytes -= passing.length;
    return passing;
  }

  #corrupted(bytes: Buffer): Buffer {
    const { weather, random } = this.#parts;
    const { corruptEvery } = weather();
    if (corruptEvery === undefined) return bytes;
    const changed = Buffer.from(bytes);
    this.#untilFlip ??= draw(corruptEvery, random);
    for (let at = this.#untilFlip; ; at = this.#untilFlip) {
      if (at >= changed.length) break;
      changed[at] = (changed[at] ?? 0) ^ (1 << random(8));
      this.#untilFlip = at + 1 + draw(corruptEvery, random);
    }
    this.#untilFlip -= changed.length;
    return changed;
  }

  *#sliced(bytes: Buffer): Generator<Buffer> {
    const { weather, random } = this.#parts;
    const { sliceBytes = Number.POSITIVE_INFINITY } = weather();
    for (let at = 0; at < bytes.length; ) {
      const length = sliceBytes === Number.POSITIVE_INFINITY ? bytes.length : 1 + random(sliceBytes);
      yield bytes.subarray(at, at + length);
      at += length;
    }
  }
}
