// Streams of the public client that are certainly under way, and how they end.
import type OpenAI from 'openai';
import { APIError } from 'openai';

interface OpenStream {
  /** `answered`, or the code of OpenAI's error. */
  readonly end: Promise<string>;
}

const openStream = async (client: OpenAI, seed: number, tokens: number): Promise<OpenStream> => {
  const stream = await client.chat.completions.create({
    model: 'demo-chat',
    messages: [{ role: 'user', content: 'Tell a long story.' }],
    max_tokens: tokens,
    seed,
    stream: true,
  });
  const chunks = stream[Symbol.asyncIterator]();
  await chunks.next();
  const drain = async (): Promise<string> => {
    try {
      while ((await chunks.next()).done !== true);
      return 'answered';
    } catch (error) {
      return error instanceof APIError ? String(error.code) : String(error);
    }
  };
  return { end: drain() };
};

/**
 * Resolves when a token has come through each.
 * @returns what tells how each of them ended, once all have
 */
export const openStreams = async (
  client: OpenAI,
  count: number,
  tokens: number,
): Promise<() => Promise<readonly string[]>> => {
  const streams = await Promise.all(
    Array.from({ length: count }, (_, seed) => openStream(client, seed, tokens)),
  );
  return () => Promise.all(streams.map(({ end }) => end));
};
