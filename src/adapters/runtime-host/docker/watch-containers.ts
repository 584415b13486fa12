// News of a node's Runtime containers, from the engine's stream of events: finds its way back when the engine goes away,
// and tells once that it was lost and once that it is back.
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { RuntimeHostEvent } from '../runtime-host.js';
import type { DockerClient } from './docker-client.js';
import { toEngineError } from './docker-errors.js';
import { exitOf } from './inspected-container.js';
import { nodeLabel, roleLabel } from './owned-containers.js';
import { linesOf } from './stream-lines.js';

// `Action` and `Actor` only: `status`, `id` and `from` are gone from newer versions.
const containerEvent = z.object({
  Action: z.string(),
  Actor: z.object({
    ID: z.string(),
    Attributes: z.object({ exitCode: z.coerce.number().optional().catch(undefined) }).catch({}),
  }),
});

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

const parseLine = (text: string, logger: Logger): z.infer<typeof containerEvent> | undefined => {
  try {
    return containerEvent.parse(JSON.parse(text));
  } catch (err) {
    logger.warn({ err }, 'an event of the container engine cannot be read');
    return undefined;
  }
};

const quietly = async (ms: number, signal: AbortSignal): Promise<void> => {
  await pause(ms, undefined, { signal }).catch(() => {}); // left: the caller looks at the signal
};

class ContainerNews {
  readonly #client: DockerClient;
  /** Where a process was killed for memory: an end after that is put down to it. */
  readonly #outOfMemory = new Set<string>();

  constructor(client: DockerClient) {
    this.#client = client;
  }

  /** @returns undefined for what is no news to the port */
  async eventOf({ Action, Actor }: z.infer<typeof containerEvent>): Promise<RuntimeHostEvent | undefined> {
    const id = Actor.ID;
    switch (Action) {
      case 'oom':
        this.#outOfMemory.add(id);
        return { type: 'oom', id };
      case 'die':
        return { type: 'died', id, exit: await this.#exit(id, Actor.Attributes.exitCode ?? null) };
      case 'destroy':
        this.#outOfMemory.delete(id);
        return { type: 'destroyed', id };
      case 'pause':
        return { type: 'paused', id };
      case 'unpause':
        return { type: 'unpaused', id };
      default:
        return undefined;
    }
  }

  /** The event says nothing of memory; the container does, unless it is gone. */
  async #exit(id: string, code: number | null) {
    const found = await this.#client.inspectContainer(id).catch(() => undefined);
    const outOfMemory = this.#outOfMemory.has(id) || (found && exitOf(found)?.outOfMemory) === true;
    return { code, outOfMemory };
  }
}

/** Ends when the signal aborts or the client is closed. */
export async function* watchContainers(
  client: DockerClient,
  nodeId: string,
  logger: Logger,
  signal: AbortSignal,
): AsyncGenerator<RuntimeHostEvent> {
  const labels = [nodeLabel(nodeId), roleLabel('runtime')];
  const news = new ContainerNews(client);
  let isLost = false;
  let pauseMs = FIRST_PAUSE_MS;
  while (!signal.aborted && !client.isClosed()) {
    let reason = 'the engine ended its stream of events';
    try {
      const pieces = await client.containerEvents(labels, signal);
      if (isLost) yield { type: 'back' };
      isLost = false;
      for await (const line of linesOf(pieces)) {
        pauseMs = FIRST_PAUSE_MS;
        const read = parseLine(line, logger);
        const event = read && (await news.eventOf(read));
        if (event !== undefined) yield event;
      }
    } catch (caught) {
      reason = toEngineError(caught).message;
    }
    if (signal.aborted || client.isClosed()) return;
    if (!isLost) yield { type: 'lost', reason };
    isLost = true;
    await quietly(pauseMs, signal);
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }
}
