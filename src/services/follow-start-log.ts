// Whether an engine that is not healthy yet gets on with its start: as long as it writes, it is waited for.
import type { RuntimeDriver } from '../adapters/runtime/runtime-driver.js';
import { type Explain, StartStalledError } from './runtime-failures.js';

/** Longer than the longest step of a start that an engine was seen to take without a word. */
export const STALLED_AFTER_MS = 5 * 60_000;
const LOOK_EVERY_MS = 5_000;
const LINE_LENGTH = 500;

export interface FollowStartLogParts {
  readonly driver: Pick<RuntimeDriver, 'tail'>;
  readonly monotonicMs: () => number;
  readonly explain: Explain;
}

/**
 * @returns to be called as often as one likes while the engine is not healthy; it looks every five seconds
 * @throws StartStalledError it has written nothing for five minutes. Where nobody keeps its log, silence says nothing
 */
export const followStartLog = ({
  driver,
  monotonicMs,
  explain,
}: FollowStartLogParts): (() => Promise<void>) => {
  let words = '';
  let lookedMs = Number.NEGATIVE_INFINITY;
  let movedMs = monotonicMs();
  return async () => {
    if (monotonicMs() - lookedMs < LOOK_EVERY_MS) return;
    lookedMs = monotonicMs();
    const found = await driver.tail();
    if (found !== words) {
      words = found;
      movedMs = lookedMs;
    }
    const silentMs = lookedMs - movedMs;
    if (words !== '' && silentMs >= STALLED_AFTER_MS) throw stalled(words, silentMs, explain);
  };
};

const stalled = (words: string, silentMs: number, explain: Explain): StartStalledError => {
  const lastLine = words.trimEnd().split('\n').at(-1)?.slice(0, LINE_LENGTH);
  return new StartStalledError(
    `not ready, and no word in its log for ${Math.round(silentMs / 60_000)} minutes: ${lastLine}`,
    {
      advice:
        explain(words)?.advice ??
        'Look what its last line waits for: a disk, a device, a download; the node starts it again by itself.',
      details: { silentMs: Math.round(silentMs), lastLine },
    },
  );
};
