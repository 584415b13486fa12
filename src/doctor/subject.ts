// What is examined: the settings, this process and its host, and those it depends on. Facts that several checks need
// are found out once.
import type { GpuSurvey } from '../adapters/host/survey-gpus.js';
import type { HostReport } from '../adapters/runtime-host/runtime-host.js';
import type { Config, ConfigError, LoadedConfig } from '../config.js';
import type { NodeStatus } from '../console/node-view.js';
import type { NetworkInfo } from '../protocol/http.js';
import { SkipCheck } from './finding.js';

/** This process, as the system sees it. */
export interface OwnProcess {
  /** `process.versions.node`. */
  readonly nodeVersion: string;
  /** Effective ids; undefined where the system has none. */
  readonly uid: number | undefined;
  readonly groups: readonly number[];
  /** Directories where programs are looked up. */
  readonly searchPath: readonly string[];
  /** How many files it may have open; undefined where that cannot be told. */
  openFiles(): Promise<number | undefined>;
}

export interface Subject {
  readonly settings: LoadedConfig | ConfigError;
  /** URL of the one network that is examined; undefined: all of them. */
  readonly onlyNetwork: string | undefined;
  readonly process: OwnProcess;
  gpus(): Promise<GpuSurvey>;
  /** The running node; undefined where none answers. */
  daemon(): Promise<NodeStatus | undefined>;
  /** The network at this URL. @throws NetworkRefusedError, NetworkUnreachableError, NetworkMalformedError */
  network(url: string): Promise<NetworkAnswer>;
  /** The container engine at this socket. @throws EngineUnavailableError */
  containerEngine(socketPath: string): Promise<HostReport>;
  /** What carries this node's label there. @throws EngineUnavailableError */
  nodeContainers(socketPath: string, nodeId: string): Promise<readonly NodeContainer[]>;
  /**
   * Asks an engine that somebody else runs whether it is well.
   * @returns its version, where it tells one
   * @throws RuntimeUnreachableError, RuntimeRejectedError
   */
  externalEngine(runtime: Config['runtime'], signal: AbortSignal): Promise<string | undefined>;
}

export interface NodeContainer {
  readonly id: string;
  /** `runtime` or `bridge`. */
  readonly role: string;
  /** The container engine's word, e.g. `running`. */
  readonly state: string;
}

export interface NetworkAnswer {
  readonly info: NetworkInfo;
  /** When the question left and when the answer was there; epoch milliseconds. */
  readonly askedMs: number;
  readonly answeredMs: number;
}

/** @throws SkipCheck where the settings cannot be used; one check tells that */
export const configOf = ({ settings }: Subject): Config => {
  if ('config' in settings) return settings.config;
  throw new SkipCheck('the settings cannot be used');
};
