// The network's own OpenAI API, asked with fetch: the models it serves, and a chat whose answer comes in pieces.
import { createParser } from 'eventsource-parser';
import { z } from 'zod';
import { RefusedError } from '../../console/api/refused-error.js';

export interface Message {
  readonly role: 'user' | 'assistant';
  readonly content: string;
}

export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
}

export type ChatPart =
  | { readonly type: 'job'; readonly job: string }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'usage'; readonly usage: Usage };

const models = z.object({
  data: z.array(z.object({ id: z.string(), tasks: z.array(z.string()), available: z.boolean() })),
});
export type ServedModel = z.infer<typeof models>['data'][number];

const failure = z.object({ error: z.object({ message: z.string(), code: z.string() }) });

const usage = z.object({ prompt_tokens: z.int(), completion_tokens: z.int() });
const chunk = z.object({
  choices: z.array(z.object({ delta: z.object({ content: z.string().nullish() }).optional() })).default([]),
  usage: usage.nullish(),
});

const END = '[DONE]';

/** @throws RefusedError with the API's own code and words */
export const servedModels = async (key: string): Promise<readonly ServedModel[]> => {
  const response = await send('v1/models', key, {});
  return models.parse(await response.json()).data;
};

/**
 * Asks, and gives each piece of the answer as it comes.
 * @param signal ends it: the network cancels the job of a client that hangs up
 * @throws RefusedError; DOMException `AbortError` when the signal ended it
 */
export async function* chat(
  key: string,
  order: { readonly model: string; readonly messages: readonly Message[]; readonly maxTokens: number },
  signal: AbortSignal,
): AsyncGenerator<ChatPart> {
  const response = await send('v1/chat/completions', key, {
    method: 'POST',
    signal,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: order.model,
      messages: order.messages,
      max_tokens: order.maxTokens,
      stream: true,
      stream_options: { include_usage: true },
    }),
  });
  const job = response.headers.get('x-request-id');
  if (job !== null) yield { type: 'job', job };
  let isWhole = false;
  for await (const data of eventsOf(response)) {
    // Read on to the end of the body: hanging up before it is how a client takes its job back.
    if (data === END) isWhole = true;
    else yield* partsOf(data);
  }
  if (!isWhole) throw refused('STREAM_CUT', 'The answer broke off before its end.', 'Ask again.');
}

async function* eventsOf(response: Response): AsyncGenerator<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (reader === undefined) return;
  const waiting: string[] = [];
  const parser = createParser({ onEvent: ({ data }) => void waiting.push(data) });
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      parser.feed(part.value);
      yield* waiting.splice(0);
    }
  } finally {
    await reader.cancel().catch(() => {}); // the far end may be gone, which is what ended this
  }
}

function* partsOf(data: string): Generator<ChatPart> {
  const said: unknown = JSON.parse(data);
  const failed = failure.safeParse(said);
  if (failed.success) throw refused(failed.data.error.code, failed.data.error.message);
  const { choices, usage: counted } = chunk.parse(said);
  const text = choices[0]?.delta?.content;
  if (text != null && text !== '') yield { type: 'text', text };
  if (counted != null) yield { type: 'usage', usage: counted };
}

const send = async (path: string, key: string, init: RequestInit): Promise<Response> => {
  let response: Response;
  try {
    const headers = { ...init.headers, authorization: `Bearer ${key}` };
    response = await fetch(new URL(path, document.baseURI), { ...init, headers, cache: 'no-store' });
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    throw refused('NETWORK_UNREACHABLE', 'The network does not answer.', 'It is asked again by itself.');
  }
  if (response.ok) return response;
  const body = failure.safeParse(await response.json().catch(() => undefined));
  throw body.success
    ? refused(body.data.error.code, body.data.error.message)
    : refused(`HTTP_${response.status}`, `The network answered with status ${response.status}.`);
};

const refused = (code: string, message: string, advice?: string): RefusedError =>
  new RefusedError({ code, message, retryable: true, advice });
