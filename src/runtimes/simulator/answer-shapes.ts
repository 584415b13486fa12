// The JSON of vLLM's answers, chat and plain completion, whole and in chunks. Text only: nothing here has an effect.
import type { Piece, TokenLogprobs, TokenProbability } from './choice.js';

/** What every chunk and body of one answer has in common. */
export interface AnswerHead {
  readonly id: string;
  /** Unix time in seconds. */
  readonly created: number;
  readonly model: string;
  readonly fingerprint: string;
}

export interface Usage {
  readonly prompt: number;
  readonly completion: number;
}

/** A finished answer, collected. */
export interface WholeChoice {
  readonly index: number;
  readonly text: string;
  readonly finish: string;
  readonly stopReason: string | null;
  readonly logprobs: readonly TokenLogprobs[] | undefined;
  readonly ids: readonly number[] | undefined;
  readonly promptIds: readonly number[] | undefined;
}

const usageFields = ({ prompt, completion }: Usage) => ({
  prompt_tokens: prompt,
  total_tokens: prompt + completion,
  completion_tokens: completion,
});

export const usageJson = ({ prompt, completion }: Usage): string =>
  `{"prompt_tokens":${prompt},"total_tokens":${prompt + completion},"completion_tokens":${completion}}`;

const withBytes = ({ token, logprob }: TokenProbability) => ({
  token,
  logprob,
  bytes: [...Buffer.from(token, 'utf8')],
});

const chatLogprobs = (all: readonly TokenLogprobs[]) => ({
  content: all.map((one) => ({ ...withBytes(one), top_logprobs: one.top.map(withBytes) })),
});

const completionLogprobs = (all: readonly TokenLogprobs[], offset: number) => {
  let at = offset;
  return {
    text_offset: all.map(({ token }) => {
      const start = at;
      at += token.length;
      return start;
    }),
    token_logprobs: all.map(({ logprob }) => logprob),
    tokens: all.map(({ token }) => token),
    top_logprobs: all.map(({ token, logprob, top }) =>
      Object.fromEntries([[token, logprob], ...top.map((other) => [other.token, other.logprob])]),
    ),
  };
};

/** How chat and plain completion differ. */
export interface AnswerShape {
  readonly chunkObject: string;
  /** First chunk of a choice, or undefined when there is none: the value of `choices[0]` without its index. */
  readonly opening: string | undefined;
  /** Start of `choices[0]`, up to the JSON string that holds the text. */
  readonly beforeText: string;
  readonly afterText: string;
  logprobs(all: readonly TokenLogprobs[], offset: number): unknown;
  body(head: AnswerHead, choices: readonly WholeChoice[], usage: Usage): string;
}

export const chatShape: AnswerShape = {
  chunkObject: 'chat.completion.chunk',
  opening: '"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null',
  beforeText: '"delta":{"content":',
  afterText: '}',
  logprobs: chatLogprobs,
  body: (head, choices, usage) =>
    JSON.stringify({
      id: head.id,
      object: 'chat.completion',
      created: head.created,
      model: head.model,
      choices: choices.map((choice) => ({
        index: choice.index,
        message: {
          role: 'assistant',
          content: choice.text,
          refusal: null,
          annotations: null,
          audio: null,
          function_call: null,
          tool_calls: [],
          reasoning: null,
        },
        logprobs: choice.logprobs === undefined ? null : chatLogprobs(choice.logprobs),
        finish_reason: choice.finish,
        stop_reason: choice.stopReason,
        token_ids: choice.ids ?? null,
      })),
      service_tier: null,
      system_fingerprint: head.fingerprint,
      usage: { ...usageFields(usage), prompt_tokens_details: null },
      prompt_logprobs: null,
      prompt_token_ids: choices[0]?.promptIds ?? null,
      kv_transfer_params: null,
    }),
};

export const completionShape: AnswerShape = {
  chunkObject: 'text_completion',
  opening: undefined,
  beforeText: '"text":',
  afterText: '',
  logprobs: completionLogprobs,
  body: (head, choices, usage) =>
    JSON.stringify({
      id: head.id,
      object: 'text_completion',
      created: head.created,
      model: head.model,
      choices: choices.map((choice) => ({
        index: choice.index,
        text: choice.text,
        logprobs: choice.logprobs === undefined ? null : completionLogprobs(choice.logprobs, 0),
        finish_reason: choice.finish,
        stop_reason: choice.stopReason,
        token_ids: choice.ids ?? null,
        prompt_logprobs: null,
        prompt_token_ids: choice.promptIds ?? null,
      })),
      service_tier: null,
      system_fingerprint: head.fingerprint,
      usage: { ...usageFields(usage), prompt_tokens_details: null },
      kv_transfer_params: null,
    }),
};

/** The fields of `choices[0]` after the text. */
export const pieceTail = (shape: AnswerShape, piece: Piece, offset: number): string => {
  const logprobs =
    piece.logprobs === undefined ? 'null' : JSON.stringify(shape.logprobs(piece.logprobs, offset));
  const ids = piece.ids === undefined ? 'null' : JSON.stringify(piece.ids);
  if (piece.finish === undefined) return `,"logprobs":${logprobs},"finish_reason":null,"token_ids":${ids}`;
  const stop = JSON.stringify(piece.stopReason);
  return `,"logprobs":${logprobs},"finish_reason":"${piece.finish}","stop_reason":${stop},"token_ids":${ids}`;
};
