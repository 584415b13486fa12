// Writes server-sent events on one reply: status and headers only when there is something to say, comments while there
// is nothing, and never faster than the client reads.
import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { Timers } from './timers.js';

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};

export class EventStream {
  readonly #reply: FastifyReply;
  readonly #raw: ServerResponse;
  readonly #timers: Timers;
  readonly #commentMs: number;
  #cancelTimer: () => void;
  #isOpen = false;

  /** @param holdBackMs how long the status may wait for the first event */
  constructor(reply: FastifyReply, timers: Timers, times: { holdBackMs: number; commentMs: number }) {
    this.#reply = reply;
    this.#raw = reply.raw;
    this.#timers = timers;
    this.#commentMs = times.commentMs;
    this.#cancelTimer = timers.set(times.holdBackMs, () => this.#comment());
  }

  /** Once true, a failure can only be told inside the stream. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Resolves when the client can take more, or is gone. */
  async send(data: string): Promise<void> {
    this.#open();
    if (!this.#raw.write(`data: ${data}\n\n`)) await this.#drained();
  }

  /** The last event; nothing follows. */
  end(data: string): void {
    this.release();
    this.#open();
    this.#raw.end(`data: ${data}\n\n`);
  }

  /** Stops the clock; the reply is left as it is. */
  release(): void {
    this.#cancelTimer();
  }

  #open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.release();
    this.#reply.hijack();
    for (const [name, value] of Object.entries({ ...this.#reply.getHeaders(), ...HEADERS })) {
      if (value !== undefined) this.#raw.setHeader(name, value);
    }
    this.#raw.writeHead(200);
    this.#raw.flushHeaders();
    this.#arm();
  }

  #arm(): void {
    this.#cancelTimer = this.#timers.set(this.#commentMs, () => this.#comment());
  }

  /** Proxies and clients give up on a connection that stays silent. */
  #comment(): void {
    if (this.#raw.destroyed || this.#raw.writableEnded) return;
    if (!this.#isOpen) this.#open();
    else this.#arm();
    if (!this.#raw.writableNeedDrain) this.#raw.write(': working\n\n');
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#raw.off('drain', done).off('close', done);
        resolve();
      };
      if (this.#raw.destroyed) resolve();
      else this.#raw.on('drain', done).on('close', done);
    });
  }
}
