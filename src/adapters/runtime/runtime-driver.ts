// How a Runtime is brought up and down: as a sealed container, as a plain process, or by somebody else.
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
  /** `name@sha256:…` or `sha256:…`; undefined where no container runs. */
  readonly image: string | undefined;
  /** The bridge's image, for an engine that knows no Unix socket. */
  readonly bridgeImage: string | undefined;
  /** Flags beyond the engine's own, by name without dashes; each is on the engine's allowlist or refused. */
  readonly flags: Readonly<Record<string, string>>;
  /** UUIDs of the GPUs it may use; empty for none. */
  readonly gpus: readonly string[];
  /** Bounds the configuration sets; undefined: the engine's own default. */
  readonly memoryBytes: number | undefined;
  readonly sharedMemoryBytes: number | undefined;
  /** Where the spec comes from, for labels and logs; no part of the hash. */
  readonly origin: { readonly network: string; readonly configDigest: string };
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
  /** The kernel ended it, or a part of it, for memory. */
  readonly outOfMemory: boolean;
}

/** What a driver notices of a Runtime that goes on running. */
export type RuntimeNotice =
  /** A process inside was killed for memory. */
  | { readonly type: 'oom' }
  /** It is no longer what was started; the fields that differ. */
  | { readonly type: 'altered'; readonly fields: readonly string[] }
  /** Frozen or thawed by somebody else. */
  | { readonly type: 'paused' | 'unpaused' }
  /** The container engine is gone, or back: nothing is said about the Runtime itself. */
  | { readonly type: 'controlLost'; readonly reason: string }
  | { readonly type: 'controlBack' };

export interface RuntimeHandlers {
  /** Exactly once per start, when the Runtime ends without having been stopped. Any exit code is a failure. */
  exited(exit: RuntimeExit): void;
  noticed(notice: RuntimeNotice): void;
}

export interface RuntimeStarted {
  readonly address: EngineAddress;
  /** It ran already, with this very spec: nothing has to be loaded again. */
  readonly adopted: boolean;
}

/** Told while something long is fetched. */
export interface PrepareProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface RuntimeDriver {
  readonly kind: 'external' | 'process' | 'container';
  /**
   * Brings here what a start of this spec needs. Never touches a Runtime that runs: it may serve meanwhile.
   * @throws RuntimeStartError, ImageError, EngineUnavailableError with advice
   */
  prepare(
    spec: RuntimeSpec,
    onProgress: (progress: PrepareProgress) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /**
   * Removes what a previous Agent left behind, but for a Runtime that runs with the wanted spec; safe to call when
   * there is nothing. Never touches the Runtime this driver itself has running.
   * @param wanted undefined: none
   */
  reconcile(wanted: RuntimeSpec | undefined): Promise<void>;
  /**
   * Starts the Runtime, or adopts one that runs with this spec; resolves when it runs, not when it is ready.
   * @throws RuntimeStartError, ContainerStartError with advice
   */
  start(spec: RuntimeSpec, handlers: RuntimeHandlers, signal: AbortSignal): Promise<RuntimeStarted>;
  /** Ends it: asks, waits `graceMs`, then kills the whole process group. Resolves when it is gone. */
  stop(graceMs: number): Promise<void>;
  /** Last lines the running engine wrote, at most 4 KiB; empty where nobody keeps them. */
  tail(): Promise<string>;
}
