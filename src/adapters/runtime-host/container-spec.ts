// One Runtime container as data: everything the container engine is told, and nothing it could be talked into. There
// is no field for privileges, host networks, devices or free mounts: what cannot be said cannot be asked for.

/** Where a directory of the Agent comes from, as the container engine sees it. */
export type DirectorySource =
  | { readonly kind: 'bind'; readonly hostPath: string }
  | { readonly kind: 'volume'; readonly name: string };

export interface ContainerMount {
  readonly source: DirectorySource;
  /** Absolute path inside. */
  readonly target: string;
  readonly readOnly: boolean;
}

export interface ContainerTmpfs {
  readonly target: string;
  readonly sizeBytes: number;
  /** Compile caches map code from there; everything else does without. */
  readonly exec: boolean;
}

export interface ContainerLimits {
  /** Hard, without swap; tmpfs and shared memory count. */
  readonly memoryBytes: number;
  readonly sharedMemoryBytes: number;
  readonly pids: number;
  /** Processors' worth of time; undefined: no bound. */
  readonly cpus: number | undefined;
}

/** An engine that knows only TCP gets a second, tiny container in its network namespace that gives it a socket. */
export interface BridgeSpec {
  /** Image by digest or id; it must hold this package's `bridge-socket` command. */
  readonly image: string;
  readonly entrypoint: readonly string[];
  readonly args: readonly string[];
}

export interface ContainerSpec {
  /** SHA-256 over everything below except `labels`, `sha256:…`; equal hash means nothing to do. */
  readonly specHash: string;
  /** `name@sha256:…`, pulled and compared with the digest; or `sha256:…`, an image id that must be there already. */
  readonly image: string;
  readonly entrypoint: readonly string[];
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** `uid:gid`, both numeric. */
  readonly user: string;
  /** The engine's socket lies here; the only writable mount. */
  readonly socketMount: ContainerMount;
  /** Read-only, every one of them. */
  readonly modelMounts: readonly ContainerMount[];
  readonly tmpfs: readonly ContainerTmpfs[];
  readonly limits: ContainerLimits;
  /** UUIDs; empty for none. */
  readonly gpus: readonly string[];
  readonly stopSignal: 'SIGTERM' | 'SIGINT';
  readonly bridge: BridgeSpec | undefined;
  /** Told to whoever lists containers; never read back as truth but for the spec hash. */
  readonly labels: { readonly network: string; readonly configDigest: string };
}
