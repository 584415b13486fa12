// The container engine as the Agent needs it. Access to it is root on the host, so all of it stands behind these few
// methods; a broker process can take their place without anybody else noticing.
import type { ContainerSpec } from './container-spec.js';

/** What there is to know of the container engine. */
export interface HostReport {
  readonly kind: 'docker' | 'podman';
  readonly version: string;
  /** The one spoken, e.g. `1.41`. */
  readonly apiVersion: string;
  /** How a container gets a GPU here; `none` is an honest answer. */
  readonly gpuInjection: 'toolkit' | 'cdi' | 'none';
  readonly cgroup: '1' | '2' | 'unknown';
  readonly storage: string;
  readonly rootless: boolean;
  readonly userNamespaces: boolean;
  /** Whether containers survive a restart of the engine. */
  readonly liveRestore: boolean;
  readonly seccomp: boolean;
  readonly cpus: number;
  readonly memoryBytes: number;
  /** Where images lie, as a path of the host. */
  readonly rootDirectory: string;
  readonly warnings: readonly string[];
}

export interface PullProgress {
  readonly layersDone: number;
  readonly layersTotal: number;
  readonly doneBytes: number;
  /** Of the layers whose size is known so far: it grows in the first moments. */
  readonly totalBytes: number;
}

/** A container of this node. */
export interface RuntimeRef {
  readonly id: string;
  readonly specHash: string;
  readonly startedMs: number;
}

export interface RuntimeStart extends RuntimeRef {
  /** It ran already, with this very spec. */
  readonly adopted: boolean;
}

export interface ContainerExit {
  /** null where nobody knows, for the container is gone. */
  readonly code: number | null;
  readonly outOfMemory: boolean;
}

export type RuntimeInspection =
  | { readonly phase: 'absent' }
  | {
      readonly phase: 'created' | 'running' | 'paused' | 'exited';
      readonly specHash: string;
      readonly startedMs: number | undefined;
      /** Of an exited one. */
      readonly exit: ContainerExit | undefined;
      /**
       * Fields that are not as they were asked for, e.g. `HostConfig.NetworkMode`: somebody altered it. `bridge` where
       * that has ended or is gone, `bridge.…` for a field of it. All of them are known of one this host has started or
       * adopted; of any other only what holds for every Runtime.
       */
      readonly altered: readonly string[];
      /** Of its first process, as the engine's host numbers it; undefined unless running. */
      readonly pid: number | undefined;
    };

export type RuntimeHostEvent =
  | { readonly type: 'died'; readonly id: string; readonly exit: ContainerExit }
  /** A process inside was killed for memory; the container may go on running. */
  | { readonly type: 'oom'; readonly id: string }
  | { readonly type: 'destroyed'; readonly id: string }
  | { readonly type: 'paused' | 'unpaused'; readonly id: string }
  /** The container engine went away: the Runtime may well go on serving. */
  | { readonly type: 'lost'; readonly reason: string }
  /** It is back: list and inspect again, for what happened meanwhile may never be told. */
  | { readonly type: 'back' };

/**
 * Every method throws `signal.reason` when its signal aborts, and else only errors of `runtime-host-errors.ts`, each
 * with advice. No method waits for ever on an engine that hangs.
 */
export interface RuntimeHost {
  /** @throws EngineUnavailableError missing, forbidden, hung or too old */
  probe(signal?: AbortSignal): Promise<HostReport>;
  /**
   * Makes sure the image is here and is the one named. Never touches a running container.
   * @returns its id in this engine
   * @throws ImageError missing, refused, corrupt, digest differs, no space; EngineUnavailableError
   */
  ensureImage(
    image: string,
    onProgress: (progress: PullProgress) => void,
    signal: AbortSignal,
  ): Promise<string>;
  /**
   * Idempotent by spec hash: one that runs with this spec, unaltered, is adopted; any other of this node is removed
   * first. Its images have to be here. A stale socket has to be unlinked by the caller. A program that ends at once has
   * been started: look for its end.
   * @throws ContainerStartError with the engine's words; ContainerConflictError another node holds the name; ImageError
   * an image is not here
   */
  start(spec: ContainerSpec, signal: AbortSignal): Promise<RuntimeStart>;
  inspect(ref: RuntimeRef): Promise<RuntimeInspection>;
  /** Asks, waits, kills, removes, and its bridge with it; one that is gone is success. */
  stop(ref: RuntimeRef, graceMs: number): Promise<ContainerExit>;
  /**
   * Looks for what an earlier Agent of this node left.
   * @param wanted spec hash that may stay
   */
  reconcile(
    wanted: string | undefined,
  ): Promise<{ readonly found: RuntimeRef | undefined; readonly removed: readonly string[] }>;
  /** News of this node's containers until the signal aborts; reconnects by itself and says so. */
  watch(signal: AbortSignal): AsyncIterable<RuntimeHostEvent>;
  /** Its last lines, at most 64 KiB, oldest first. Empty when there are none. */
  tailLog(ref: RuntimeRef, lines: number): Promise<readonly string[]>;
  close(): Promise<void>;
}
