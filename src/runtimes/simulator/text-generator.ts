// Makes up readable sentences, token by token. It understands nothing of the prompt; it is only seeded by it.
import type { Random } from './random.js';
import { END_TOKEN, tokenId } from './tokenizer.js';
import { words } from './words.js';

const inside = (list: readonly string[]): readonly number[] => list.map((word) => tokenId(` ${word}`));
const opening = (list: readonly string[]): readonly number[] =>
  list.map((word) => tokenId(word.charAt(0).toUpperCase() + word.slice(1)));
const openingInside = (list: readonly string[]): readonly number[] =>
  list.map((word) => tokenId(` ${word.charAt(0).toUpperCase()}${word.slice(1)}`));

const tokens = {
  first: opening(words.determiner),
  next: openingInside(words.determiner),
  determiner: inside(words.determiner),
  adjective: inside(words.adjective),
  noun: inside(words.noun),
  verb: inside(words.verb),
  preposition: inside(words.preposition),
  adverb: inside(words.adverb),
  connective: inside(words.connective),
};
const FULL_STOP = tokenId('.');
const COMMA = tokenId(',');
const PARAGRAPH = tokenId('\n\n');

/** Sentences of an answer that ends by itself: 2 to 9, some 20 to 110 tokens. */
const SENTENCES = { least: 2, most: 9 };

/** An endless source of tokens with one natural end. */
export class TextGenerator {
  private readonly sentence: number[] = [];
  private at = 0;
  private sentences = 0;
  private readonly ending: number;
  private startOfParagraph = true;

  constructor(private readonly random: Random) {
    this.ending = SENTENCES.least + Math.floor(random() * (SENTENCES.most - SENTENCES.least + 1));
  }

  /** The next token; END_TOKEN at the natural end unless `mayEnd` is false, in which case it goes on. */
  next(mayEnd: boolean): number {
    if (this.at >= this.sentence.length) {
      if (mayEnd && this.sentences >= this.ending) return END_TOKEN;
      this.compose();
    }
    const token = this.sentence[this.at] ?? FULL_STOP;
    this.at += 1;
    return token;
  }

  private pick(list: readonly number[]): number {
    return list[Math.floor(this.random() * list.length)] ?? FULL_STOP;
  }

  private nounPhrase(out: number[], determiner: number): void {
    out.push(determiner);
    if (this.random() < 0.5) out.push(this.pick(tokens.adjective));
    out.push(this.pick(tokens.noun));
  }

  private clause(out: number[], determiner: number): void {
    this.nounPhrase(out, determiner);
    if (this.random() < 0.3) out.push(this.pick(tokens.adverb));
    out.push(this.pick(tokens.verb));
    this.nounPhrase(out, this.pick(tokens.determiner));
    if (this.random() < 0.4) {
      out.push(this.pick(tokens.preposition));
      this.nounPhrase(out, this.pick(tokens.determiner));
    }
  }

  private compose(): void {
    const out = this.sentence;
    out.length = 0;
    this.at = 0;
    if (this.sentences > 0 && this.sentences % 5 === 0) {
      out.push(PARAGRAPH);
      this.startOfParagraph = true;
    }
    this.clause(out, this.pick(this.startOfParagraph ? tokens.first : tokens.next));
    this.startOfParagraph = false;
    if (this.random() < 0.35) {
      out.push(COMMA, this.pick(tokens.connective));
      this.clause(out, this.pick(tokens.determiner));
    }
    out.push(FULL_STOP);
    this.sentences += 1;
  }
}
