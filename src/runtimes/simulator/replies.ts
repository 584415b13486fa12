// The two ways an answer leaves: as a stream of chunks, one write per token, or whole at the end.
import type { ServerResponse } from 'node:http';
import {
  type AnswerHead,
  type AnswerShape,
  pieceTail,
  usageJson,
  type WholeChoice,
} from './answer-shapes.js';
import { engineDead } from './api-error.js';
import type { Choice, Piece, Reply, TokenLogprobs } from './choice.js';

/** Bytes a slow client may leave unread before its stream pauses. */
const HELD_BYTES = 256 * 1024;

export interface ReplySettings {
  readonly shape: AnswerShape;
  readonly head: AnswerHead;
  /** Answers expected: prompts × n. */
  readonly choices: number;
  /** Tokens of all prompts together. */
  readonly promptTokens: number;
  /** A last chunk with `choices: []` and the usage. */
  readonly usageAtEnd: boolean;
  /** The running usage on every chunk. */
  readonly usageAlways: boolean;
  /** Text put before each answer, by the choice's index: `echo`. */
  readonly echo: ((index: number) => string) | undefined;
  /** Shown where `return_token_ids` asks for it, by the choice's index. */
  readonly promptIds: ((index: number) => readonly number[]) | undefined;
  /** Ends the sequences that are still at work for this request. */
  readonly abandon: () => void;
}

const DONE = 'data: [DONE]\n\n';

export class StreamReply implements Reply {
  private readonly start: string;
  private readonly opened = new Set<number>();
  private readonly offsets: number[] = [];
  private readonly usageEnd: string;
  /** Tokens of the answers that have ended. */
  private finishedTokens = 0;
  private unfinished: number;

  constructor(
    private readonly response: ServerResponse,
    private readonly settings: ReplySettings,
  ) {
    const { head, shape } = settings;
    this.start =
      `data: {"id":${JSON.stringify(head.id)},"object":"${shape.chunkObject}","created":${head.created},` +
      `"model":${JSON.stringify(head.model)},"choices":[`;
    this.usageEnd = `,"system_fingerprint":${JSON.stringify(head.fingerprint)}`;
    this.unfinished = settings.choices;
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
    });
    response.flushHeaders();
  }

  isHeld(): boolean {
    return this.response.writableLength > HELD_BYTES;
  }

  piece(choice: Choice, piece: Piece): void {
    const { settings } = this;
    const { shape } = settings;
    const { index } = choice;
    let out = '';
    let text = piece.text;
    if (!this.opened.has(index)) {
      this.opened.add(index);
      if (shape.opening !== undefined) out = this.opening(index, shape.opening);
      if (settings.echo !== undefined) text = settings.echo(index) + text;
    }
    const usage = settings.usageAlways ? `,"usage":${this.usage(choice.tokens)}` : '';
    const offset = this.offsets[index] ?? 0;
    if (piece.logprobs !== undefined) this.offsets[index] = offset + text.length;
    const tail = pieceTail(shape, piece, offset);
    out += `${this.start}{"index":${index},${shape.beforeText}${JSON.stringify(text)}${shape.afterText}${tail}}]`;
    if (piece.finish === undefined) {
      this.response.write(`${out}${usage}}\n\n`);
      return;
    }
    out += `${usage}${this.usageEnd}}\n\n`;
    this.finishedTokens += choice.tokens;
    this.unfinished -= 1;
    if (this.unfinished > 0) {
      this.response.write(out);
      return;
    }
    if (settings.usageAtEnd) out += `${this.start}],"usage":${this.usage(0)}${this.usageEnd}}\n\n`;
    this.response.end(out + DONE);
  }

  struck(kind: 'error-midstream' | 'malformed' | 'disconnect', choice: Choice): void {
    if (kind === 'malformed') {
      this.response.write(
        `${this.start}{"index":${choice.index},${this.settings.shape.beforeText}"unfinis\n\n`,
      );
      return;
    }
    this.settings.abandon();
    if (kind === 'disconnect') this.response.destroy();
    else this.response.end(`data: ${engineDead().body()}\n\n${DONE}`);
  }

  private usage(running: number): string {
    return usageJson({ prompt: this.settings.promptTokens, completion: this.finishedTokens + running });
  }

  private opening(index: number, opening: string): string {
    const usage = this.settings.usageAlways ? `,"usage":${this.usage(0)}` : '';
    const ids =
      this.settings.promptIds === undefined ? 'null' : JSON.stringify(this.settings.promptIds(index));
    return `${this.start}{"index":${index},${opening}}]${usage},"prompt_token_ids":${ids}}\n\n`;
  }
}

interface Collected {
  text: string;
  logprobs: TokenLogprobs[];
  ids: number[];
}

export class WholeReply implements Reply {
  private readonly collected: Collected[];
  private readonly whole: WholeChoice[] = [];
  private completionTokens = 0;
  private malformed = false;

  constructor(
    private readonly response: ServerResponse,
    private readonly settings: ReplySettings,
  ) {
    this.collected = Array.from({ length: settings.choices }, (_, index) => ({
      text: settings.echo?.(index) ?? '',
      logprobs: [],
      ids: [],
    }));
  }

  isHeld(): boolean {
    return false;
  }

  piece(choice: Choice, piece: Piece): void {
    const { index } = choice;
    const so = this.collected[index];
    if (so === undefined) return;
    so.text += piece.text;
    if (piece.logprobs !== undefined) so.logprobs.push(...piece.logprobs);
    if (piece.ids !== undefined) so.ids.push(...piece.ids);
    if (piece.finish === undefined) return;
    this.completionTokens += choice.tokens;
    this.whole.push({
      index,
      text: so.text,
      finish: piece.finish,
      stopReason: piece.stopReason,
      logprobs: piece.logprobs === undefined ? undefined : so.logprobs,
      ids: piece.ids === undefined ? undefined : so.ids,
      promptIds: this.settings.promptIds?.(index),
    });
    if (this.whole.length === this.settings.choices) this.send();
  }

  struck(kind: 'error-midstream' | 'malformed' | 'disconnect'): void {
    if (kind === 'malformed') {
      this.malformed = true;
      return;
    }
    this.settings.abandon();
    if (kind === 'disconnect') this.response.destroy();
    else this.response.writeHead(500, { 'content-type': 'application/json' }).end(engineDead().body());
  }

  private send(): void {
    const { shape, head, promptTokens } = this.settings;
    const choices = this.whole.sort((a, b) => a.index - b.index);
    const body = shape.body(head, choices, { prompt: promptTokens, completion: this.completionTokens });
    const sent = this.malformed ? body.slice(0, Math.floor(body.length / 2)) : body;
    this.response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(sent) })
      .end(sent);
  }
}
