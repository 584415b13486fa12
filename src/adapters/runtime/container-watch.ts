// Keeps an eye on one running container: what its engine tells of it, and what a look finds that was never told.
import type { Logger } from 'pino';
import type {
  ContainerExit,
  RuntimeHost,
  RuntimeHostEvent,
  RuntimeInspection,
  RuntimeRef,
} from '../runtime-host/runtime-host.js';
import type { RuntimeNotice } from './runtime-driver.js';

export interface ContainerListener {
  /** At most once, and the last that is told. */
  ended(exit: ContainerExit): void;
  noticed(notice: RuntimeNotice): void;
}

/** The first look comes soon: an end right after the start may be told before anybody listens. */
const FIRST_LOOK_MS = 1_000;
const LOOK_EVERY_MS = 30_000;
const UNKNOWN: ContainerExit = { code: null, outOfMemory: false };

/**
 * Listens at once, so that nothing is missed, and tells once it is known what to listen for.
 * @param left ends it: nothing is told afterwards
 */
export const watchContainer = (
  host: RuntimeHost,
  known: Promise<RuntimeRef>,
  listener: ContainerListener,
  left: AbortSignal,
  logger: Logger,
): void => {
  let isOver = false;
  let isPaused = false;
  let hadOutOfMemory = false;
  let told = '';

  const end = ({ code, outOfMemory }: ContainerExit): void => {
    if (isOver || left.aborted) return;
    isOver = true;
    listener.ended({ code, outOfMemory: outOfMemory || hadOutOfMemory });
  };
  const notice = (news: RuntimeNotice): void => {
    if (!isOver && !left.aborted) listener.noticed(news);
  };
  const notePaused = (now: boolean): void => {
    if (now !== isPaused) notice({ type: now ? 'paused' : 'unpaused' });
    isPaused = now;
  };

  const judge = (found: RuntimeInspection): void => {
    if (found.phase === 'absent') end(UNKNOWN);
    else if (found.phase === 'exited') end(found.exit ?? UNKNOWN);
    else {
      notePaused(found.phase === 'paused');
      const fields = found.altered.join(' ');
      if (fields !== '' && fields !== told) notice({ type: 'altered', fields: found.altered });
      told = fields;
    }
  };
  const look = async (ref: RuntimeRef): Promise<void> => {
    // An engine that cannot be asked is told of as lost.
    const found = await host.inspect(ref).catch(() => undefined);
    if (found !== undefined && !isOver) judge(found);
  };

  const take = async (event: RuntimeHostEvent, ref: RuntimeRef): Promise<void> => {
    if (event.type === 'lost') return notice({ type: 'controlLost', reason: event.reason });
    if (event.type === 'back') {
      notice({ type: 'controlBack' });
      return look(ref);
    }
    if (event.id !== ref.id) return;
    if (event.type === 'died') return end(event.exit);
    if (event.type === 'destroyed') return end(UNKNOWN);
    if (event.type !== 'oom') return notePaused(event.type === 'paused');
    hadOutOfMemory = true;
    notice({ type: 'oom' });
  };

  const listen = async (): Promise<void> => {
    for await (const event of host.watch(left)) {
      const ref = await known;
      if (isOver) return;
      await take(event, ref);
    }
  };
  const lookNowAndThen = async (): Promise<void> => {
    const ref = await known;
    let timer: NodeJS.Timeout | undefined;
    const lookAfter = (ms: number): void => {
      if (isOver || left.aborted) return;
      timer = setTimeout(() => void look(ref).then(() => lookAfter(LOOK_EVERY_MS)), ms).unref();
    };
    lookAfter(FIRST_LOOK_MS);
    left.addEventListener('abort', () => clearTimeout(timer), { once: true });
  };

  const failed = (err: unknown): void => {
    // Without a container there is nothing to watch, and its start has told why.
    if (!left.aborted)
      logger.error({ event: 'runtime.watch.failed', err }, 'the container is looked at only now and then');
  };
  listen().catch(failed);
  lookNowAndThen().catch(() => {});
};
