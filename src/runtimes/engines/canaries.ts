// The smallest useful request of each task, the same for every engine with OpenAI's face.
import type { EngineDefinition } from './engine-definition.js';

/** Greedy and one token long: proves the whole path for the price of one prefill. */
export const openAiCanary = {
  chat: {
    path: '/v1/chat/completions',
    body: { messages: [{ role: 'user', content: 'ping' }], max_tokens: 1, temperature: 0, stream: false },
  },
  completion: {
    path: '/v1/completions',
    body: { prompt: 'ping', max_tokens: 1, temperature: 0, stream: false },
  },
  embedding: { path: '/v1/embeddings', body: { input: 'ping' } },
} satisfies EngineDefinition['canary'];

export const openAiInference = {
  'chat.completions': '/v1/chat/completions',
  completions: '/v1/completions',
  embeddings: '/v1/embeddings',
} satisfies EngineDefinition['paths']['inference'];
