// Asks every question at once, each within its own time: one that hangs or breaks tells so and takes no other with it.
import type { Check } from './check.js';
import { type Finding, failure, findingOf, skipped } from './finding.js';
import type { Subject } from './subject.js';

export interface CheckResult extends Finding {
  readonly id: string;
  readonly tookMs: number;
}

const LIMIT_MS = 5_000;
const IF_SLOW = 'Run the doctor again; if this stays so, look for a disk or a service that hangs.';

/**
 * @param waitingFor told at each change which checks are still being made, for whoever shows progress
 * @returns one result per check, in their order; after an abort the unfinished ones are skipped
 */
export const runChecks = async (
  checks: readonly Check[],
  subject: Subject,
  signal: AbortSignal,
  waitingFor: (ids: readonly string[]) => void = () => {},
): Promise<readonly CheckResult[]> => {
  const open = new Set(checks.map(({ id }) => id));
  if (signal.aborted) return checks.map(({ id }) => ({ id, ...skipped('interrupted'), tookMs: 0 }));
  const interruption = interruptedBy(signal);
  waitingFor([...open]);
  try {
    return await Promise.all(
      checks.map(async (check) => {
        const startedMs = performance.now();
        const finding = await look(check, subject, interruption.came);
        open.delete(check.id);
        waitingFor([...open]);
        return { id: check.id, ...finding, tookMs: Math.round(performance.now() - startedMs) };
      }),
    );
  } finally {
    interruption.forget();
  }
};

/** One listener for all checks. */
const interruptedBy = (
  signal: AbortSignal,
): { readonly came: Promise<Finding>; readonly forget: () => void } => {
  let stop = (): void => {};
  const came = new Promise<Finding>((resolve) => {
    stop = () => resolve(skipped('interrupted'));
    signal.addEventListener('abort', stop, { once: true });
  });
  return { came, forget: () => signal.removeEventListener('abort', stop) };
};

const look = async (check: Check, subject: Subject, interrupted: Promise<Finding>): Promise<Finding> => {
  const over = new AbortController();
  const limitMs = check.limitMs ?? LIMIT_MS;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Finding>((resolve) => {
    timer = setTimeout(
      () => resolve(failure(`no answer within ${limitMs / 1000} s`, check.ifSlow ?? IF_SLOW)),
      limitMs,
    );
  });
  try {
    return await Promise.race([interrupted, late, found(check, subject, over.signal)]);
  } finally {
    clearTimeout(timer);
    over.abort();
  }
};

const found = async (check: Check, subject: Subject, signal: AbortSignal): Promise<Finding> => {
  try {
    return await check.look(subject, signal);
  } catch (caught) {
    return findingOf(caught);
  }
};
