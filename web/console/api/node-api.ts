// What the page asks of the node: questions and the owner's orders, each answer parsed.
import { z } from 'zod';
import {
  jobLine,
  type NodeStatus,
  nodeStatus,
  reportOrder,
  retestAnswer,
  retryAnswer,
} from '../../../src/console/node-view.js';
import { type OwnerOrder, orderAnswer, orderRefusal } from '../../../src/console/order-view.js';
import { RefusedError } from './refused-error.js';

const jobsAnswer = z.object({ jobs: z.array(jobLine) });

const retestOrder = (digest: string, network: string | null) =>
  network === null ? { digest } : { digest, network };

const unreachable = (cause: unknown): RefusedError =>
  new RefusedError(
    {
      code: 'NODE_UNREACHABLE',
      message: 'The node does not answer.',
      retryable: true,
      advice: 'Check that it runs: `resultity-node status`.',
    },
    { cause },
  );

const refusalIn = async (response: Response): Promise<RefusedError> => {
  const body = orderRefusal.safeParse(await response.json().catch(() => undefined));
  return new RefusedError(
    body.success
      ? body.data.error
      : {
          code: `HTTP_${response.status}`,
          message: `The node answered with status ${response.status}.`,
          retryable: response.status >= 500,
        },
  );
};

const notUnderstood = (cause: unknown): RefusedError =>
  new RefusedError(
    {
      code: 'ANSWER_NOT_UNDERSTOOD',
      message: 'The node answered something this page does not understand.',
      retryable: false,
      advice: 'Load the page again: the node may have been updated meanwhile.',
    },
    { cause },
  );

export const createNodeApi = (token: string) => {
  const send = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = { authorization: `Bearer ${token}`, ...init.headers };
    try {
      return await fetch(new URL(path, document.baseURI), { ...init, headers, cache: 'no-store' });
    } catch (cause) {
      throw unreachable(cause);
    }
  };

  const ask = async <T>(schema: z.ZodType<T>, path: string, init?: RequestInit): Promise<T> => {
    const response = await send(path, init);
    if (!response.ok) throw await refusalIn(response);
    const answer = schema.safeParse(await response.json().catch(() => undefined));
    if (!answer.success) throw notUnderstood(answer.error);
    return answer.data;
  };

  const tell = <T>(schema: z.ZodType<T>, path: string, body?: object): Promise<T> =>
    ask(schema, path, {
      method: 'POST',
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });

  return {
    /** Whether the node takes this token. @throws RefusedError where it does not answer, or not like a node */
    isWelcome: async (signal: AbortSignal): Promise<boolean> => {
      const response = await send('api/status', { signal });
      if (response.status === 401) return false;
      if (!response.ok) throw await refusalIn(response);
      return true;
    },
    status: (): Promise<NodeStatus> => ask(nodeStatus, 'api/status'),
    /** Newest first. */
    jobs: async (limit: number) => (await ask(jobsAnswer, `api/jobs?limit=${limit}`)).jobs,
    order: (order: OwnerOrder) => tell(orderAnswer, 'api/order', order),
    retryRuntime: () => tell(retryAnswer, 'api/runtime/retry'),
    uploadReports: () => tell(reportOrder, 'api/reports/upload'),
    /** Tests a model again. @param network by URL; any that lists it unless told */
    retestModel: (digest: string, network: string | null) =>
      tell(retestAnswer, 'api/models/retest', retestOrder(digest, network)),
  };
};

export type NodeApi = ReturnType<typeof createNodeApi>;
