// A container engine without an engine: a test decides which images there are, how containers fare and when it goes away.
import type { ContainerSpec } from './container-spec.js';
import type { ContainerExit, HostReport, PullProgress, RuntimeHostEvent } from './runtime-host.js';
import { type EngineTrouble, EngineUnavailableError } from './runtime-host-errors.js';

/** One container, as the engine sees it. */
export interface MemoryContainer {
  readonly id: string;
  readonly name: string;
  readonly node: string;
  readonly spec: ContainerSpec;
  readonly startedMs: number;
  phase: 'running' | 'paused' | 'exited';
  /** Of an exited one. */
  exit: ContainerExit | undefined;
  /** Told by the kernel once, and to whoever inspects it after its end. */
  hadOutOfMemory: boolean;
  /** Fields somebody changed. */
  altered: readonly string[];
  log: readonly string[];
}

/** What a registry sends; it may throw, or take until it is told otherwise. */
export type MemoryPull = () => AsyncIterable<PullProgress>;

type Listener = (event: RuntimeHostEvent, node: string | undefined) => void;

const REPORT: HostReport = {
  kind: 'docker',
  version: '20.10.24',
  apiVersion: '1.41',
  gpuInjection: 'none',
  cgroup: '2',
  storage: 'memory',
  rootless: false,
  userNamespaces: false,
  liveRestore: false,
  seccomp: true,
  cpus: 4,
  memoryBytes: 16 * 1024 ** 3,
  rootDirectory: '/var/lib/containers',
  warnings: [],
};

export class MemoryContainerEngine {
  /** What it tells of itself; without `gpuInjection` no container gets a GPU. */
  report: HostReport = REPORT;
  /** Containers in the order in which they were made; removed ones are gone. */
  readonly containers: MemoryContainer[] = [];
  /** What was asked of it and changed something, oldest first: `pull`, `start`, `stop`, `remove`. */
  readonly done: string[] = [];
  /** Images that are here. */
  readonly images = new Set<string>();
  /** Images a registry has. */
  readonly registry = new Map<string, MemoryPull>();
  /** Thrown by the next starts, one each. */
  readonly refusals: Error[] = [];
  /** Containers obey the order to stop; otherwise they are killed when the grace is over. */
  isObedient = true;
  /** Called for each container that has just begun to run: here a test puts an engine behind its socket. */
  onStarted: (container: MemoryContainer) => void = () => {};
  #trouble: EngineTrouble | undefined;
  #made = 0;
  readonly #listeners = new Set<Listener>();

  get trouble(): EngineTrouble | undefined {
    return this.#trouble;
  }

  /** @throws EngineUnavailableError while it is away */
  assertThere(): void {
    if (this.#trouble === undefined) return;
    throw new EngineUnavailableError(`the container engine cannot be used (${this.#trouble})`, {
      advice: 'Bring the engine in memory back.',
      details: { trouble: this.#trouble },
    });
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** A registry has this image from now on. @param pull what it sends; nothing to be told, and done, unless given */
  publish(image: string, pull: MemoryPull = async function* () {}): void {
    this.registry.set(image, pull);
  }

  add(node: string, name: string, spec: ContainerSpec, startedMs: number): MemoryContainer {
    this.#made += 1;
    const container: MemoryContainer = {
      id: this.#made.toString(16).padStart(64, '0'),
      name,
      node,
      spec,
      startedMs,
      phase: 'running',
      exit: undefined,
      hadOutOfMemory: false,
      altered: [],
      log: [],
    };
    this.containers.push(container);
    this.done.push('start');
    this.onStarted(container);
    return container;
  }

  /** Its main process ends. */
  exit(container: MemoryContainer, code: number): void {
    if (container.phase === 'exited') return;
    container.phase = 'exited';
    container.exit = { code, outOfMemory: container.hadOutOfMemory };
    this.#tell({ type: 'died', id: container.id, exit: container.exit }, container.node);
  }

  /** The kernel kills a process inside for memory. @param whole its main process, and so all of it */
  runOutOfMemory(container: MemoryContainer, whole: boolean): void {
    container.hadOutOfMemory = true;
    this.#tell({ type: 'oom', id: container.id }, container.node);
    if (whole) this.exit(container, 137);
  }

  /** Somebody removes it by force. */
  remove(container: MemoryContainer): void {
    this.exit(container, 137);
    const at = this.containers.indexOf(container);
    if (at < 0) return;
    this.containers.splice(at, 1);
    this.done.push('remove');
    this.#tell({ type: 'destroyed', id: container.id }, container.node);
  }

  pause(container: MemoryContainer): void {
    container.phase = 'paused';
    this.#tell({ type: 'paused', id: container.id }, container.node);
  }

  unpause(container: MemoryContainer): void {
    container.phase = 'running';
    this.#tell({ type: 'unpaused', id: container.id }, container.node);
  }

  /** Goes away. Containers run on, and what happens to them meanwhile is never told. */
  lose(trouble: EngineTrouble = 'refused'): void {
    if (this.#trouble === undefined) this.#say({ type: 'lost', reason: trouble });
    this.#trouble = trouble;
  }

  bringBack(): void {
    if (this.#trouble === undefined) return;
    this.#trouble = undefined;
    this.#say({ type: 'back' });
  }

  #tell(event: RuntimeHostEvent, node: string): void {
    if (this.#trouble === undefined) this.#say(event, node);
  }

  #say(event: RuntimeHostEvent, node?: string): void {
    for (const listener of this.#listeners) listener(event, node);
  }
}
