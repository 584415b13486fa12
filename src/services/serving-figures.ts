// The work of a node in one network, counted as it happens, since the process began. Numbers only: nothing of a job but
// how it went. The metrics and the console's samples read it.
import type { ExecutionRecord } from '../adapters/journal/job-journal.js';
import {
  type DeclineCode,
  declineCode,
  type OutcomeCode,
  outcomeCode,
  type ResultVerdict,
  resultVerdict,
} from '../protocol/codes.js';

/** How an attempt went, in the journal's words; `isStream`: answered token by token. */
export interface EndedAttempt
  extends Pick<
    ExecutionRecord,
    | 'outcome'
    | 'prompt_tokens'
    | 'completion_tokens'
    | 'chunk_count'
    | 'queue_ms'
    | 'first_token_ms'
    | 'total_ms'
  > {
  readonly isStream: boolean;
}

export interface FiguresListener {
  /** A stream's first token, milliseconds after its offer came. */
  firstToken?(ms: number): void;
  /** An attempt that was accepted has ended, and the journal has it. */
  ended?(attempt: EndedAttempt): void;
}

type CountBy<Code extends string> = Readonly<Record<Code, number>>;

/** What can be read: all counts only rise. */
export interface ServingCounts {
  readonly accepted: number;
  readonly ended: CountBy<OutcomeCode>;
  readonly declined: CountBy<DeclineCode>;
  readonly verdicts: CountBy<ResultVerdict>;
  /** Results the network did not take before they expired. */
  readonly expired: number;
  /** By the engine's word, as in the receipts of ended attempts. */
  readonly promptTokens: number;
  readonly outputTokens: number;
  /**
   * Output tokens as they come, those of cancelled attempts with them: for rates. A chunk without a token puts it ahead
   * of the engine's count until the next attempt.
   */
  readonly generatedTokens: number;
  /** @returns how to stop listening */
  follow(listener: FiguresListener): () => void;
}

export interface ServingFigures extends ServingCounts {
  noteAccepted(): void;
  noteDeclined(code: DeclineCode): void;
  /** A chunk of a stream: one token, until the engine has counted. */
  noteChunk(): void;
  noteFirstToken(ms: number): void;
  noteEnded(attempt: EndedAttempt): void;
  noteVerdict(verdict: ResultVerdict): void;
  noteExpired(): void;
}

const zeros = <Code extends string>(codes: readonly Code[]): Record<Code, number> =>
  Object.fromEntries(codes.map((code) => [code, 0])) as Record<Code, number>;

export const createServingFigures = (): ServingFigures => {
  const listeners = new Set<FiguresListener>();
  const ended = zeros(outcomeCode.options);
  const declined = zeros(declineCode.options);
  const verdicts = zeros(resultVerdict.options);
  let accepted = 0;
  let expired = 0;
  let promptTokens = 0;
  let outputTokens = 0;
  let generatedTokens = 0;
  /** Chunks that turned out to be more than the engine's tokens: so many later ones are not counted. */
  let ahead = 0;

  /** An engine's count may be above or below the number of chunks; the sum must not fall. */
  const settle = (difference: number): void => {
    const due = difference - ahead;
    generatedTokens += Math.max(0, due);
    ahead = Math.max(0, -due);
  };

  return {
    get accepted() {
      return accepted;
    },
    ended,
    declined,
    verdicts,
    get expired() {
      return expired;
    },
    get promptTokens() {
      return promptTokens;
    },
    get outputTokens() {
      return outputTokens;
    },
    get generatedTokens() {
      return generatedTokens;
    },
    follow: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    noteAccepted: () => {
      accepted++;
    },
    noteDeclined: (code) => {
      declined[code]++;
    },
    noteChunk: () => {
      if (ahead > 0) ahead--;
      else generatedTokens++;
    },
    noteFirstToken: (ms) => {
      for (const listener of listeners) listener.firstToken?.(ms);
    },
    noteEnded: (attempt) => {
      ended[attempt.outcome]++;
      promptTokens += attempt.prompt_tokens;
      outputTokens += attempt.completion_tokens;
      // One that broke off brings no count of the engine's.
      if (attempt.completion_tokens > 0)
        settle(attempt.completion_tokens - (attempt.isStream ? attempt.chunk_count : 0));
      for (const listener of listeners) listener.ended?.(attempt);
    },
    noteVerdict: (verdict) => {
      verdicts[verdict]++;
    },
    noteExpired: () => {
      expired++;
    },
  };
};
