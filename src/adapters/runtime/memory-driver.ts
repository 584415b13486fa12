// A Runtime without a process: a test starts it, crashes it on order and sees what was asked of it.
import type { EngineAddress } from '../engine/engine-client.js';
import type {
  RuntimeDriver,
  RuntimeExit,
  RuntimeHandlers,
  RuntimeNotice,
  RuntimeSpec,
  RuntimeStarted,
} from './runtime-driver.js';
import { RuntimeStartError } from './runtime-errors.js';

export class MemoryDriver implements RuntimeDriver {
  readonly kind = 'process';
  /** Specs in the order in which they were started, refused starts included. */
  readonly started: RuntimeSpec[] = [];
  /** Grace of each stop that ended something, in milliseconds. */
  readonly stopped: number[] = [];
  reconciled = 0;
  /** Specs in the order in which they were prepared, refused ones included. */
  readonly prepared: RuntimeSpec[] = [];
  /** Thrown by the next preparations, one each. */
  readonly lacks: Error[] = [];
  /** Thrown by the next starts, one each. */
  readonly refusals: Error[] = [];
  /** The last lines of its log, and how often they were asked for. */
  words = '';
  looks = 0;
  readonly #address: EngineAddress;
  #handlers: RuntimeHandlers | undefined;

  /** @param address given out by each start; nothing listens there unless the test sees to it */
  constructor(address: EngineAddress = { kind: 'unix', path: '/nonexistent/engine.sock' }) {
    this.#address = address;
  }

  get isRunning(): boolean {
    return this.#handlers !== undefined;
  }

  async prepare(spec: RuntimeSpec): Promise<void> {
    this.prepared.push(spec);
    const lack = this.lacks.shift();
    if (lack !== undefined) throw lack;
  }

  async reconcile(): Promise<void> {
    this.reconciled += 1;
  }

  async start(spec: RuntimeSpec, handlers: RuntimeHandlers, signal: AbortSignal): Promise<RuntimeStarted> {
    signal.throwIfAborted();
    if (this.isRunning) {
      throw new RuntimeStartError('a Runtime is running already', { details: { reason: 'already_running' } });
    }
    this.started.push(spec);
    const refusal = this.refusals.shift();
    if (refusal !== undefined) throw refusal;
    this.#handlers = handlers;
    return { address: this.#address, adopted: false };
  }

  async stop(graceMs: number): Promise<void> {
    if (this.isRunning) this.stopped.push(graceMs);
    this.#handlers = undefined;
  }

  /** Ends the Runtime as if it had died; without one nothing happens. */
  crash(exit: Partial<RuntimeExit> = {}): void {
    const handlers = this.#handlers;
    this.#handlers = undefined;
    handlers?.exited({ code: 1, signal: null, tail: '', outOfMemory: false, ...exit });
  }

  notice(notice: RuntimeNotice): void {
    this.#handlers?.noticed(notice);
  }

  async tail(): Promise<string> {
    this.looks += 1;
    return this.words;
  }
}
