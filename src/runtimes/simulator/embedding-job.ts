// An embedding request in the engine: it takes a slot, is done in one step and generates nothing.
import type { ServerResponse } from 'node:http';
import { engineDead } from './api-error.js';
import type { Sequence } from './engine.js';
import type { Fault } from './options.js';
import { toBase64 } from './vectors.js';

export interface EmbeddingAnswer {
  readonly id: string;
  /** Unix time in seconds. */
  readonly created: number;
  readonly model: string;
  readonly vectors: readonly Float32Array[];
  readonly promptTokens: number;
  readonly base64: boolean;
  readonly faults: readonly Fault[];
}

export class EmbeddingJob implements Sequence {
  readonly generates = false;
  readonly promptTokens: number;
  readonly faults: readonly Fault[];
  private malformed = false;

  constructor(
    private readonly response: ServerResponse,
    private readonly answer: EmbeddingAnswer,
  ) {
    this.promptTokens = answer.promptTokens;
    // There is no middle of a stream here: whatever is to strike strikes before the one step.
    this.faults = answer.faults.map(({ kind }) => ({ kind, after: 0 }));
  }

  isHeld(): boolean {
    return false;
  }

  advance(): 'stop' {
    const { id, created, model, vectors, promptTokens, base64 } = this.answer;
    const body = JSON.stringify({
      id,
      object: 'list',
      created,
      model,
      data: vectors.map((vector, index) => ({
        index,
        object: 'embedding',
        embedding: base64 ? toBase64(vector) : Array.from(vector),
      })),
      usage: {
        prompt_tokens: promptTokens,
        total_tokens: promptTokens,
        completion_tokens: 0,
        prompt_tokens_details: null,
      },
    });
    const sent = this.malformed ? body.slice(0, Math.floor(body.length / 2)) : body;
    this.response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(sent) })
      .end(sent);
    return 'stop';
  }

  struck(kind: 'error-midstream' | 'malformed' | 'disconnect'): void {
    if (kind === 'malformed') this.malformed = true;
    else if (kind === 'disconnect') this.response.destroy();
    else this.response.writeHead(500, { 'content-type': 'application/json' }).end(engineDead().body());
  }
}
