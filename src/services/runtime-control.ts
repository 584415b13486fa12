// The daemon's one Runtime as its services share it: the specs by hash, the driver's news, and the client of the engine
// that is up.
import type { EngineAddress, EngineClient } from '../adapters/engine/engine-client.js';
import type {
  RuntimeDriver,
  RuntimeExit,
  RuntimeNotice,
  RuntimeSpec,
} from '../adapters/runtime/runtime-driver.js';
import type { EngineProgress } from './engine-progress.js';

export interface RuntimeControl {
  readonly driver: RuntimeDriver;
  readonly specs: Map<string, RuntimeSpec>;
  readonly connect: (address: EngineAddress) => EngineClient;
  /** The engine under way or up; undefined while none runs. */
  client: EngineClient | undefined;
  /** How it gets on with the requests of {@link client}, and the same client uncounted. */
  watched: { readonly progress: EngineProgress; readonly client: EngineClient } | undefined;
  /** Healthy and serving the wanted models; until then warming has its own eyes on it. */
  isWarm: boolean;
  /** Set once warm, where the engine tells. */
  version: string | undefined;
  startedMonotonicMs: number | undefined;
  /** One listener: whoever watches the current start. */
  onExit: ((exit: RuntimeExit) => void) | undefined;
  onNotice: ((notice: RuntimeNotice) => void) | undefined;
}

export const createRuntimeControl = (
  driver: RuntimeDriver,
  connect: (address: EngineAddress) => EngineClient,
): RuntimeControl => ({
  driver,
  specs: new Map(),
  connect,
  client: undefined,
  watched: undefined,
  isWarm: false,
  version: undefined,
  startedMonotonicMs: undefined,
  onExit: undefined,
  onNotice: undefined,
});
