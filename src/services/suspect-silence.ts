// Decides whether an engine that has been silent on the Agent's own requests is busy or hung: by its counter of tokens,
// where it has one, and by a request of one token that only a working engine can answer.
import type { EngineClient, EngineEndpoint } from '../adapters/engine/engine-client.js';
import type { EngineProgress } from './engine-progress.js';
import { limitTime } from './limit-time.js';

/** The smallest request the engine can be asked. */
export interface Canary {
  readonly endpoint: EngineEndpoint;
  readonly request: object;
}

export interface SuspectSilenceParts {
  readonly progress: EngineProgress;
  /** As it is, not counted among the jobs. */
  readonly client: EngineClient;
  readonly canary: Canary | undefined;
  /** Silence below this is no reason to look closer; milliseconds. Longer than the longest prefill. */
  readonly silenceMs: number;
  /** How long the canary may take; milliseconds. */
  readonly answerMs: number;
}

export interface SilenceWatch {
  /**
   * Looks once.
   * @param onDoubt told before the canary is sent
   */
  look(onDoubt: () => void, signal: AbortSignal): Promise<'well' | 'busy' | 'hung'>;
}

export const suspectSilence = (parts: SuspectSilenceParts): SilenceWatch => {
  const { progress, client, canary, silenceMs, answerMs } = parts;
  /** At the last look: the engine's counter, and whether it has one at all. */
  let tokensSeen: number | undefined;
  let isTelling = true;

  const hasProducedTokens = async (signal: AbortSignal): Promise<boolean> => {
    const before = tokensSeen;
    try {
      const { tokensOut } = await client.load(signal);
      isTelling = tokensOut !== null;
      tokensSeen = tokensOut ?? undefined;
    } catch {
      tokensSeen = undefined; // it may hang here as well
    }
    return tokensSeen !== undefined && before !== undefined && tokensSeen > before;
  };

  return {
    async look(onDoubt, left) {
      // From half the silence on the counter is read, so that what it says at the end means something.
      if (progress.silentMs() < silenceMs / 2) {
        tokensSeen = undefined;
        return 'well';
      }
      if (await limitTime(left, answerMs, hasProducedTokens)) {
        progress.note(); // whole answers grow unseen
        return 'busy';
      }
      // Without a counter a long queue of whole answers looks like a hang: each job's own deadline has to do.
      if (progress.silentMs() < silenceMs || canary === undefined || !isTelling) return 'well';
      onDoubt();
      try {
        await limitTime(left, answerMs, (signal) => client.complete(canary.endpoint, canary.request, signal));
      } catch {
        if (left.aborted || progress.inFlight === 0) return 'well';
        // A token that came while the canary waited shows that it only stood in the queue.
        if (progress.silentMs() < silenceMs) return 'busy';
        return (await limitTime(left, answerMs, hasProducedTokens)) ? 'busy' : 'hung';
      }
      progress.note();
      return 'busy';
    },
  };
};
