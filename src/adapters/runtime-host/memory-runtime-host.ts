// The port to a container engine that lives in memory. Several hosts on one engine are several Agents on one machine;
// a new host of the same node is that Agent started again.
import type { Clock } from '../host/clock.js';
import { ManualClock } from '../host/manual-clock.js';
import type { ContainerSpec } from './container-spec.js';
import { type MemoryContainer, MemoryContainerEngine } from './memory-container-engine.js';
import type {
  ContainerExit,
  HostReport,
  PullProgress,
  RuntimeHost,
  RuntimeHostEvent,
  RuntimeInspection,
  RuntimeRef,
  RuntimeStart,
} from './runtime-host.js';
import { ContainerConflictError, ContainerStartError, ImageError } from './runtime-host-errors.js';

export interface MemoryRuntimeHostOptions {
  readonly engine?: MemoryContainerEngine;
  readonly nodeId?: string;
  readonly clock?: Clock;
}

const TAIL_BYTES = 64 * 1024;

export class MemoryRuntimeHost implements RuntimeHost {
  readonly engine: MemoryContainerEngine;
  readonly #node: string;
  readonly #clock: Clock;

  constructor(options: MemoryRuntimeHostOptions = {}) {
    this.engine = options.engine ?? new MemoryContainerEngine();
    this.#node = options.nodeId ?? `0x${'ab'.repeat(20)}`;
    this.#clock = options.clock ?? new ManualClock();
  }

  async probe(signal?: AbortSignal): Promise<HostReport> {
    signal?.throwIfAborted();
    this.engine.assertThere();
    return this.engine.report;
  }

  async ensureImage(
    image: string,
    onProgress: (progress: PullProgress) => void,
    signal: AbortSignal,
  ): Promise<string> {
    signal.throwIfAborted();
    this.engine.assertThere();
    const id = image.slice(image.indexOf('@') + 1);
    if (this.engine.images.has(image)) return id;
    const pull = this.engine.registry.get(image);
    if (pull === undefined) throw lacks(image, image === id ? 'absent' : 'unknown');
    this.engine.done.push('pull');
    const coming = pull()[Symbol.asyncIterator]();
    for (;;) {
      const next = await orAborted(coming.next(), signal);
      if (next.done === true) break;
      onProgress(next.value);
    }
    this.engine.images.add(image);
    return id;
  }

  async start(spec: ContainerSpec, signal: AbortSignal): Promise<RuntimeStart> {
    signal.throwIfAborted();
    this.engine.assertThere();
    const running = this.#own().find((one) => isWanted(one, spec.specHash));
    for (const other of this.#own()) if (other !== running) this.engine.remove(other);
    if (running !== undefined) return { ...refOf(running), adopted: true };
    const name = `resultity-runtime-${this.#node.slice(2, 14)}`;
    if (this.engine.containers.some((one) => one.name === name)) {
      throw new ContainerConflictError(`the name of the container is taken: ${name}`, {
        advice: 'Remove the container that holds the name, if nothing needs it.',
      });
    }
    for (const image of [spec.image, ...(spec.bridge === undefined ? [] : [spec.bridge.image])]) {
      if (!this.engine.images.has(image)) throw lacks(image, 'absent');
    }
    const refusal = this.engine.refusals.shift();
    if (refusal !== undefined) throw refusal;
    if (spec.gpus.length > 0 && this.engine.report.gpuInjection === 'none') {
      throw new ContainerStartError('the container did not start (gpu): there is none in memory', {
        advice: 'Ask for no GPU.',
        details: { trouble: 'gpu' },
      });
    }
    return { ...refOf(this.engine.add(this.#node, name, spec, this.#clock.nowMs())), adopted: false };
  }

  async inspect(ref: RuntimeRef): Promise<RuntimeInspection> {
    this.engine.assertThere();
    const found = this.#find(ref);
    if (found === undefined) return { phase: 'absent' };
    const { phase, startedMs, exit, altered, spec } = found;
    return { phase, specHash: spec.specHash, startedMs, exit, altered, pid: exit ? undefined : 4711 };
  }

  async stop(ref: RuntimeRef): Promise<ContainerExit> {
    this.engine.assertThere();
    const found = this.#find(ref);
    if (found === undefined) return { code: null, outOfMemory: false };
    this.engine.done.push('stop');
    this.engine.exit(found, this.engine.isObedient ? 0 : 137);
    this.engine.remove(found);
    return found.exit ?? { code: null, outOfMemory: false };
  }

  async reconcile(wanted: string | undefined) {
    this.engine.assertThere();
    const kept = this.#own().find((one) => wanted !== undefined && isWanted(one, wanted));
    const removed = this.#own().filter((one) => one !== kept);
    for (const one of removed) this.engine.remove(one);
    return { found: kept && refOf(kept), removed: removed.map(({ id }) => id) };
  }

  async *watch(signal: AbortSignal): AsyncIterable<RuntimeHostEvent> {
    const heard: RuntimeHostEvent[] = [];
    let wake = (): void => {};
    const { trouble } = this.engine;
    if (trouble !== undefined) heard.push({ type: 'lost', reason: trouble });
    const unlisten = this.engine.listen((event, node) => {
      if (node === undefined || node === this.#node) heard.push(event);
      wake();
    });
    const aborted = (): void => wake();
    signal.addEventListener('abort', aborted, { once: true });
    try {
      while (!signal.aborted) {
        const event = heard.shift();
        if (event !== undefined) yield event;
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      signal.removeEventListener('abort', aborted);
      unlisten();
    }
  }

  async tailLog(ref: RuntimeRef, lines: number): Promise<readonly string[]> {
    this.engine.assertThere();
    const last = (this.#find(ref)?.log ?? []).slice(-lines);
    while (Buffer.byteLength(last.join('\n')) > TAIL_BYTES) last.shift();
    return last;
  }

  async close(): Promise<void> {}

  #own(): readonly MemoryContainer[] {
    return this.engine.containers.filter(({ node }) => node === this.#node);
  }

  #find({ id }: RuntimeRef): MemoryContainer | undefined {
    return this.#own().find((one) => one.id === id);
  }
}

const isWanted = ({ phase, spec, altered }: MemoryContainer, specHash: string): boolean =>
  phase === 'running' && spec.specHash === specHash && altered.length === 0;

const refOf = ({ id, spec, startedMs }: MemoryContainer): RuntimeRef => ({
  id,
  specHash: spec.specHash,
  startedMs,
});

const lacks = (image: string, trouble: 'absent' | 'unknown'): ImageError =>
  new ImageError(`the image cannot be had (${trouble}): ${image}`, {
    advice: 'Publish it in the registry of the engine in memory.',
    details: { trouble, image },
  });

const orAborted = async <T>(work: Promise<T>, signal: AbortSignal): Promise<T> => {
  let leave = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    leave = () => reject(signal.reason);
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
};
