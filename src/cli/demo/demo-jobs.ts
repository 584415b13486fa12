// The demo's clients: the public `openai` package, pointed at the demo's network.
import type OpenAI from 'openai';
import { CHAT_MODEL, EMBEDDING_MODEL } from './demo-models.js';

export interface JobOutcome {
  readonly name: string;
  /** A word on the answer: never the answer itself. */
  readonly summary: string;
  readonly tookMs: number;
}

export interface DemoJob {
  readonly name: string;
  run(client: OpenAI): Promise<string>;
}

const QUESTIONS = [
  'Why is the sky blue?',
  'Name three uses of a statechart.',
  'What does a node sign?',
  'How does a lease end?',
];

const plainChat = (question: string): DemoJob => ({
  name: 'chat, plain',
  run: async (client) => {
    const answer = await client.chat.completions.create({
      model: CHAT_MODEL,
      messages: [{ role: 'user', content: question }],
      max_tokens: 64,
      seed: 7,
    });
    return `${answer.usage?.completion_tokens ?? 0} tokens, ${answer.choices[0]?.finish_reason}`;
  },
});

const streamedChat = (question: string): DemoJob => ({
  name: 'chat, streamed',
  run: async (client) => {
    const stream = await client.chat.completions.create({
      model: CHAT_MODEL,
      messages: [{ role: 'user', content: question }],
      max_tokens: 64,
      stream: true,
      stream_options: { include_usage: true },
    });
    let chunks = 0;
    let tokens = 0;
    for await (const chunk of stream) {
      if (chunk.choices[0]?.delta.content) chunks++;
      tokens = chunk.usage?.completion_tokens ?? tokens;
    }
    return `${tokens} tokens in ${chunks} chunks`;
  },
});

const completion: DemoJob = {
  name: 'completion',
  run: async (client) => {
    const answer = await client.completions.create({
      model: CHAT_MODEL,
      prompt: 'Once upon a time',
      max_tokens: 32,
    });
    return `${answer.usage?.completion_tokens ?? 0} tokens`;
  },
};

export const EMBEDDING_JOB: DemoJob = {
  name: 'embeddings',
  run: async (client) => {
    const answer = await client.embeddings.create({
      model: EMBEDDING_MODEL,
      input: ['one text', 'and another'],
    });
    return `${answer.data.length} vectors of ${answer.data[0]?.embedding.length ?? 0} numbers`;
  },
};

export const TEXT_JOBS: readonly DemoJob[] = [
  ...QUESTIONS.flatMap((question) => [plainChat(question), streamedChat(question)]),
  completion,
];

/** Runs them all at once. @throws the first error of a client, after all have ended */
export const runDemoJobs = async (
  client: OpenAI,
  jobs: readonly DemoJob[],
  done: (outcome: JobOutcome) => void,
): Promise<void> => {
  const results = await Promise.allSettled(
    jobs.map(async (job) => {
      const startedMs = performance.now();
      const summary = await job.run(client);
      done({ name: job.name, summary, tookMs: Math.round(performance.now() - startedMs) });
    }),
  );
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
};
