// A limit on how long a piece of work may take, below a signal that lives much longer. `AbortSignal.any` is no use for
// it: it leaves something behind in the longer one each time, and Node 20 may collect the timeout before it fires.

/** @param work its signal aborts after `ms` milliseconds or with `left`, and is forgotten when the work is over */
export const limitTime = async <T>(
  left: AbortSignal,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  left.throwIfAborted();
  const limit = new AbortController();
  const leave = (): void => limit.abort(left.reason);
  left.addEventListener('abort', leave, { once: true });
  const timer = setTimeout(() => limit.abort(new DOMException('it took too long', 'TimeoutError')), ms);
  try {
    return await work(limit.signal);
  } finally {
    clearTimeout(timer);
    left.removeEventListener('abort', leave);
  }
};
