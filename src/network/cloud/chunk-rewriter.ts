// Makes an engine's chunks the network's own: id, model and created are the job's, usage appears exactly where it was
// asked for, and everything else passes as the engine said it.
import { parseBoundedJson } from '../../protocol/bounded-json.js';
import { LIMITS } from '../../protocol/limits.js';
import type { JobUsage } from '../desk/job-desk.js';
import { upstreamFailed } from './cloud-error.js';
import { type AnswerIdentity, usageBody } from './identity.js';

type Json = Record<string, unknown>;

/** Below this length no nesting or number of keys can hold up `JSON.parse`. */
const HARMLESS_CHARS = 4096;
const BOUNDS = { maxBytes: LIMITS.deltaBytes, maxDepth: 64, maxKeys: 100_000 };

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** One per stream. Checks by hand: it runs for every token. */
export class ChunkRewriter {
  readonly #identity: AnswerIdentity;
  readonly #includeUsage: boolean;
  readonly #opened = new Set<unknown>();
  readonly #unfinished = new Set<unknown>();
  /** The engine's own usage chunk, else any chunk: the mould of the last one. */
  #mould: Json | undefined;

  constructor(identity: AnswerIdentity, includeUsage: boolean) {
    this.#identity = identity;
    this.#includeUsage = includeUsage;
  }

  /** A chunk with choices has passed. */
  get hasSpoken(): boolean {
    return this.#opened.size > 0;
  }

  /**
   * @param data a chunk as the engine sent it
   * @returns the client's chunk, or undefined where it is none of the client's business
   * @throws CloudError `upstream_failed` for anything that is not a chunk
   */
  rewrite(data: string): string | undefined {
    const chunk = parse(data);
    const { choices } = chunk;
    if (!Array.isArray(choices) || (chunk.error !== undefined && chunk.error !== null))
      throw upstreamFailed();
    this.#sign(chunk);
    this.#mould = chunk;
    if (choices.length === 0) return undefined;
    for (const choice of choices) this.#follow(choice);
    if (this.#includeUsage) chunk.usage = null;
    else delete chunk.usage;
    return JSON.stringify(chunk);
  }

  /**
   * Ends a stream that succeeded.
   * @returns the usage chunk where one was asked for
   * @throws CloudError `upstream_failed` when a choice has no finish reason
   */
  conclude(usage: JobUsage): string | undefined {
    if (this.#opened.size === 0 || this.#unfinished.size > 0) throw upstreamFailed();
    if (!this.#includeUsage) return undefined;
    const reported = isObject(this.#mould?.usage) ? this.#mould.usage : {};
    return JSON.stringify({ ...this.#mould, choices: [], usage: { ...reported, ...usageBody(usage) } });
  }

  #sign(chunk: Json): void {
    chunk.id = this.#identity.id;
    chunk.created = this.#identity.createdSeconds;
    chunk.model = this.#identity.model;
  }

  #follow(choice: unknown): void {
    if (!isObject(choice) || !Number.isInteger(choice.index)) throw upstreamFailed();
    const { index } = choice;
    if (this.#identity.endpoint === 'chat.completions') {
      if (!isObject(choice.delta)) throw upstreamFailed();
      if (!this.#opened.has(index) && choice.delta.role === undefined) {
        choice.delta = { role: 'assistant', ...choice.delta };
      }
    } else if (typeof choice.text !== 'string') throw upstreamFailed();
    if (!this.#opened.has(index)) {
      this.#opened.add(index);
      this.#unfinished.add(index);
    }
    if (typeof choice.finish_reason === 'string') this.#unfinished.delete(index);
  }
}

const parse = (data: string): Json => {
  try {
    const value: unknown =
      data.length <= HARMLESS_CHARS ? JSON.parse(data) : parseBoundedJson(Buffer.from(data), BOUNDS);
    if (isObject(value)) return value;
  } catch (cause) {
    throw upstreamFailed(cause);
  }
  throw upstreamFailed();
};
