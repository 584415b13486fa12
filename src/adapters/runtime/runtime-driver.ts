// How a Runtime is brought up and down. `external` and `process` exist; the container driver implements the same port.
import type { EngineAddress } from '../engine/engine-client.js';

/** What should run: built from the applied configuration and nothing else. */
export interface RuntimeSpec {
  /** SHA-256 over everything below, `sha256:…`; equal hash means nothing to do. */
  readonly specHash: string;
  /** Key into `src/runtimes`: how this engine is started and spoken to. */
  readonly engine: string;
  readonly models: readonly RuntimeModel[];
  /** Requests the engine works on at once. */
  readonly maxConcurrent: number;
  /** Context length in tokens. */
  readonly contextTokens: number;
}

export interface RuntimeModel {
  /** The name requests use. The network may put other content under it later. */
  readonly id: string;
  /** Which content that is, `sha256:…`. */
  readonly digest: string;
  /** Directory with the verified files; undefined where the engine brings its own weights. */
  readonly path: string | undefined;
  readonly tasks: readonly ('chat' | 'completion' | 'embedding')[];
}

export interface RuntimeExit {
  /** Exit code, or null when a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
  /** Last lines the engine wrote, for the log; at most 4 KiB. */
  readonly tail: string;
}

export interface RuntimeHandlers {
  /** Exactly once per start, when the Runtime ends without having been stopped. Any exit code is a failure. */
  exited(exit: RuntimeExit): void;
}

export interface RuntimeDriver {
  readonly kind: 'external' | 'process';
  /** Removes what a previous Agent left behind; safe to call when there is nothing. */
  reconcile(): Promise<void>;
  /**
   * Starts the Runtime; resolves when it has been started, not when it is ready.
   * @throws RuntimeStartError with advice
   */
  start(spec: RuntimeSpec, handlers: RuntimeHandlers, signal: AbortSignal): Promise<EngineAddress>;
  /** Ends it: asks, waits `graceMs`, then kills the whole process group. Resolves when it is gone. */
  stop(graceMs: number): Promise<void>;
}
