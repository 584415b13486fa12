// One answer of a request: turns generated tokens into pieces of text, watching for stop strings and the limit.
import type { Sequence } from './engine.js';
import type { FinishReason } from './metrics.js';
import type { Fault } from './options.js';
import { type Random, randomFrom } from './random.js';
import { TextGenerator } from './text-generator.js';
import { END_TOKEN, tokenText, VOCABULARY } from './tokenizer.js';

export interface TokenProbability {
  readonly token: string;
  readonly logprob: number;
}

export interface TokenLogprobs extends TokenProbability {
  /** As many as were asked for, the likeliest first. */
  readonly top: readonly TokenProbability[];
}

/** What one step adds to an answer. */
export interface Piece {
  readonly text: string;
  /** Undefined unless asked for. */
  readonly ids: readonly number[] | undefined;
  readonly logprobs: readonly TokenLogprobs[] | undefined;
  /** Only on the last piece. */
  readonly finish: 'stop' | 'length' | undefined;
  /** The stop string that ended it. */
  readonly stopReason: string | null;
}

export interface ChoiceSettings {
  readonly index: number;
  readonly promptTokens: number;
  readonly faults: readonly Fault[];
  readonly maxTokens: number;
  readonly minTokens: number;
  readonly ignoreEnd: boolean;
  readonly stop: readonly string[];
  readonly includeStop: boolean;
  /** Alternatives per token; undefined: no logprobs at all. */
  readonly topLogprobs: number | undefined;
  readonly returnIds: boolean;
  /** Everything the text depends on. */
  readonly seed: readonly (string | number)[];
}

/** Where pieces go. */
export interface Reply {
  isHeld(): boolean;
  piece(choice: Choice, piece: Piece): void;
  struck(kind: 'error-midstream' | 'malformed' | 'disconnect', choice: Choice): void;
}

export class Choice implements Sequence {
  readonly generates = true;
  readonly promptTokens: number;
  readonly faults: readonly Fault[];
  readonly index: number;
  /** Tokens generated so far, the end token included, as vLLM counts. */
  tokens = 0;
  private readonly generator: TextGenerator;
  private readonly chances: Random | undefined;
  private readonly heldBack: number;
  private pending = '';
  private pendingIds: number[] = [];
  private pendingLogprobs: TokenLogprobs[] = [];

  constructor(
    private readonly settings: ChoiceSettings,
    private readonly reply: Reply,
  ) {
    this.index = settings.index;
    this.promptTokens = settings.promptTokens;
    this.faults = settings.faults;
    this.generator = new TextGenerator(randomFrom('text', ...settings.seed));
    this.chances = settings.topLogprobs === undefined ? undefined : randomFrom('chances', ...settings.seed);
    // The end of the text stays back while it may be the beginning of a stop string.
    this.heldBack = settings.stop.reduce((longest, text) => Math.max(longest, text.length - 1), 0);
  }

  isHeld(): boolean {
    return this.reply.isHeld();
  }

  struck(kind: 'error-midstream' | 'malformed' | 'disconnect'): void {
    this.reply.struck(kind, this);
  }

  advance(): FinishReason | undefined {
    const { settings } = this;
    const token = this.generator.next(!settings.ignoreEnd && this.tokens >= settings.minTokens);
    this.tokens += 1;
    if (settings.returnIds) this.pendingIds.push(token);
    if (token !== END_TOKEN) {
      this.pending += tokenText(token);
      if (this.chances !== undefined) this.pendingLogprobs.push(this.judge(token, this.chances));
    }
    const stopped = this.heldBack === 0 && settings.stop.length === 0 ? undefined : this.findStop();
    if (stopped !== undefined) {
      const end = stopped.at + (settings.includeStop ? stopped.text.length : 0);
      this.emit(this.pending.slice(0, end), 'stop', stopped.text);
      return 'stop';
    }
    if (token === END_TOKEN) {
      this.emit(this.pending, 'stop', null);
      return 'stop';
    }
    if (this.tokens >= settings.maxTokens) {
      this.emit(this.pending, 'length', null);
      return 'length';
    }
    const ready = this.pending.length - this.heldBack;
    if (ready > 0)
      this.emit(this.heldBack === 0 ? this.pending : this.pending.slice(0, ready), undefined, null);
    return undefined;
  }

  private emit(text: string, finish: 'stop' | 'length' | undefined, stopReason: string | null): void {
    const { settings } = this;
    const piece: Piece = {
      text,
      ids: settings.returnIds ? this.pendingIds : undefined,
      logprobs: this.chances === undefined ? undefined : this.pendingLogprobs,
      finish,
      stopReason,
    };
    this.pending = this.heldBack === 0 ? '' : this.pending.slice(text.length);
    if (settings.returnIds) this.pendingIds = [];
    if (this.chances !== undefined) this.pendingLogprobs = [];
    this.reply.piece(this, piece);
  }

  private findStop(): { readonly at: number; readonly text: string } | undefined {
    let first: { at: number; text: string } | undefined;
    for (const text of this.settings.stop) {
      const at = this.pending.indexOf(text);
      if (at >= 0 && (first === undefined || at < first.at)) first = { at, text };
    }
    return first;
  }

  /** Probabilities that could be true: the chosen token leads, the others share less than the rest by halves. */
  private judge(token: number, chances: Random): TokenLogprobs {
    const chosen = 0.4 + 0.55 * chances();
    const text = tokenText(token);
    const logprob = Math.log(chosen);
    const top: TokenProbability[] = [];
    let share = 1 - chosen;
    for (let rank = 0; rank < (this.settings.topLogprobs ?? 0); rank += 1) {
      if (rank === 0) {
        top.push({ token: text, logprob });
        continue;
      }
      share /= 2;
      // Other words of the vocabulary; the steps are too short to come round to the chosen one.
      const other = 258 + ((token + rank * 37) % (VOCABULARY - 258));
      const probability = Math.min(share, chosen);
      top.push({ token: tokenText(other), logprob: Math.max(Math.log(probability), -9999) });
    }
    return { token: text, logprob, top };
  }
}
