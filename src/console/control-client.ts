// How commands ask a running daemon.
import { Client } from 'undici';
import { z } from 'zod';
import { type Failure, NodeError } from '../errors.js';
import {
  type ConsolePlace,
  consolePlace,
  type JobLine,
  jobLine,
  type NodeStatus,
  nodeStatus,
  type ReportOrder,
  type RetryAnswer,
  reportOrder,
  retryAnswer,
} from './node-view.js';
import { type OrderAnswer, type OwnerOrder, orderAnswer, orderRefusal } from './order-view.js';

/** No daemon answers on this data directory. */
export class DaemonNotRunningError extends NodeError {
  readonly code = 'DAEMON_NOT_RUNNING';
  readonly retryable = false;
}

/** The daemon answered something this version does not understand. */
export class ControlAnswerError extends NodeError {
  readonly code = 'CONTROL_ANSWER';
  readonly retryable = false;
}

/** The daemon's own refusal, told again on this side with its own code. */
class DaemonRefusedError extends NodeError {
  readonly code: string;
  readonly retryable: boolean;

  constructor({ code, message, retryable, advice }: Failure) {
    super(message, advice === undefined ? {} : { advice });
    this.code = code;
    this.retryable = retryable;
  }
}

export interface ControlClient {
  status(): Promise<NodeStatus>;
  /** @param network by name or URL; all unless told */
  jobs(limit: number, network?: string): Promise<readonly JobLine[]>;
  console(): Promise<ConsolePlace>;
  retryRuntime(): Promise<RetryAnswer>;
  uploadReports(): Promise<ReportOrder>;
  /** @throws NodeError with the daemon's own code when it is refused */
  order(order: OwnerOrder): Promise<OrderAnswer>;
}

const ANSWER_WITHIN_MS = 5_000;
const jobsAnswer = z.object({ jobs: z.array(jobLine) });

/** @param dataDir for the message only */
export const createControlClient = (socketPath: string, dataDir: string): ControlClient => {
  const ask = async <T>(
    path: string,
    schema: z.ZodType<T>,
    method: 'GET' | 'POST' = 'GET',
    body?: object,
  ): Promise<T> => {
    const client = new Client('http://localhost', { socketPath, headersTimeout: ANSWER_WITHIN_MS });
    try {
      const response = await client.request({
        method,
        path,
        ...(body !== undefined && {
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
      });
      const { statusCode } = response;
      const json = await response.body.json();
      const parsed = schema.safeParse(json);
      if (statusCode === 200 && parsed.success) return parsed.data;
      const refusal = orderRefusal.safeParse(json);
      if (statusCode >= 400 && refusal.success) throw new DaemonRefusedError(failureIn(refusal.data));
      throw new ControlAnswerError(
        `the daemon answered ${path} with ${statusCode} in a form this command does not know`,
        {
          advice: 'Daemon and command are different versions? Restart the daemon.',
        },
      );
    } catch (cause) {
      if (cause instanceof NodeError) throw cause;
      throw new DaemonNotRunningError(`no node is running on ${dataDir}`, {
        cause,
        advice: 'Start it with `resultity-node start`, or name its data directory with --data-dir.',
      });
    } finally {
      await client.close().catch(() => undefined);
    }
  };
  return {
    status: () => ask('/status', nodeStatus),
    uploadReports: () => ask('/reports/upload', reportOrder, 'POST'),
    order: (order) => ask('/order', orderAnswer, 'POST', order),
    console: () => ask('/console', consolePlace),
    retryRuntime: () => ask('/runtime/retry', retryAnswer, 'POST'),
    jobs: async (limit, network) => {
      const query = new URLSearchParams({ limit: String(limit), ...(network !== undefined && { network }) });
      return (await ask(`/jobs?${query}`, jobsAnswer)).jobs;
    },
  };
};

const failureIn = ({ error: { advice, ...rest } }: z.infer<typeof orderRefusal>): Failure =>
  advice === undefined ? rest : { ...rest, advice };
