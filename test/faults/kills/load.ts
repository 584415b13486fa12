// The clients of a run: keep so many jobs open, of every kind, and write down what they asked and were told.
import { ulid } from '../../../src/protocol/primitives.js';
import type { History } from '../history/history.js';

/** In every prompt; must be found nowhere but in the books of what is still owed. */
export const PROMPT_CANARY = 'canary-prompt-Ky27';

type Mode = 'poll' | 'stream';
type Answer = 'completed' | 'failed' | 'broken';

export interface Load {
  /** Jobs admitted, and not answered. */
  readonly open: number;
  /** Asks for more until so many are open, or all that may be asked have been. */
  keep(open: number, most: number): void;
  /** Nobody asks any more; resolves when everybody was answered. */
  settled(): Promise<void>;
}

export interface LoadOptions {
  readonly history: History;
  readonly url: () => string;
  readonly apiKey: string;
  readonly random: (below: number) => number;
}

/** Between two looks at a job. The network takes 60 requests a second of one key. */
const POLL_MS = 300;

export const createLoad = ({ history, url, apiKey, random }: LoadOptions): Load => {
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
  const asking = new Set<Promise<void>>();
  let admitted = 0;
  let isOver = false;
  let wanted = 0;
  let most = 0;

  const body = (mode: Mode): string =>
    JSON.stringify({
      model: 'demo-chat',
      messages: [{ role: 'user', content: `${PROMPT_CANARY} ${random(1_000_000)}` }],
      max_tokens: 2 + random(mode === 'stream' ? 24 : 12),
      seed: 1,
      stream: mode === 'stream',
    });

  const post = (mode: Mode): Promise<Response> =>
    fetch(`${url()}/v1/chat/completions`, {
      method: 'POST',
      headers: mode === 'poll' ? { ...headers, prefer: 'respond-async' } : headers,
      body: body(mode),
    });

  const look = async (job: string): Promise<string | undefined> => {
    const answer = await fetch(`${url()}/v1/jobs/${job}`, { headers }).catch(() => undefined);
    if (answer === undefined || answer.status === 429 || answer.status === 503) return 'unknown';
    if (answer.status === 404) return undefined;
    const { status } = (await answer.json().catch(() => ({ status: 'unknown' }))) as { status: string };
    return status;
  };

  const untilOver = async (job: string): Promise<Answer> => {
    for (;;) {
      const status = await look(job);
      if (status === undefined) throw new Error(`the network has forgotten job ${job}`);
      if (status === 'completed') return 'completed';
      if (['failed', 'cancelled', 'expired'].includes(status)) return 'failed';
      await pause(POLL_MS);
    }
  };

  const streamed = async (response: Response): Promise<Answer> => {
    try {
      const text = await response.text();
      if (text.includes('data: [DONE]')) return 'completed';
      return text.includes('"error"') ? 'failed' : 'broken';
    } catch {
      return 'broken';
    }
  };

  const ask = async (): Promise<void> => {
    const mode: Mode = random(3) === 0 ? 'stream' : 'poll';
    const response = await post(mode).catch(() => undefined);
    const named = ulid.safeParse(response?.headers.get('x-request-id'));
    if (response === undefined || !named.success) return pause(POLL_MS); // the network is away
    const job = named.data;
    // A refusal before admission has an id too, but no job.
    if (!response.ok && (await look(job)) === undefined) return pause(POLL_MS);
    admitted++;
    history.add({ kind: 'asked', at_ms: Date.now(), job, mode });
    const answer = mode === 'stream' && response.ok ? await streamed(response) : await untilOver(job);
    if (answer === 'broken') await untilOver(job); // nobody reads the rest, but it has to end
    history.add({ kind: 'answered', at_ms: Date.now(), job, answer });
  };

  const refill = (): void => {
    while (!isOver && asking.size < wanted && admitted + asking.size < most) {
      const one = ask().finally(() => {
        asking.delete(one);
        refill();
      });
      asking.add(one);
    }
  };

  return {
    get open() {
      return asking.size;
    },
    keep: (open, limit) => {
      wanted = open;
      most = limit;
      refill();
    },
    settled: async () => {
      isOver = true;
      while (asking.size > 0) await Promise.all(asking);
    },
  };
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
