// A bound on the time of one call, together with its caller's signal. Needed although calls take signals: the library
// drops them in places, and an answer that breaks off in the middle never settles its promise.
import { engineUnavailable } from './docker-errors.js';

/**
 * Not `AbortSignal.any` over `AbortSignal.timeout`: on Node 20 the garbage collector may take the timer away.
 * @param work is left behind when the bound is reached; the signal it is given tells it
 * @throws the reason of `signal`; EngineUnavailableError `hung` when the time is over
 */
export const withinLimit = async <T>(
  limitMs: number,
  signal: AbortSignal | undefined,
  work: (over: AbortSignal) => Promise<T>,
): Promise<T> => {
  signal?.throwIfAborted();
  const over = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let leave = (): void => {};
  const bound = new Promise<never>((_, reject) => {
    const end = (reason: unknown): void => {
      reject(reason);
      over.abort(reason);
    };
    timer = setTimeout(() => end(engineUnavailable('hung', `no answer within ${limitMs} ms`)), limitMs);
    leave = () => end(signal?.reason);
    signal?.addEventListener('abort', leave, { once: true });
  });
  try {
    return await Promise.race([work(over.signal), bound]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', leave);
  }
};
