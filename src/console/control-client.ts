// How commands ask a running daemon.
import { Client } from 'undici';
import { z } from 'zod';
import { NodeError } from '../errors.js';
import {
  type JobLine,
  jobLine,
  type NodeStatus,
  nodeStatus,
  type ReportOrder,
  type RetryAnswer,
  reportOrder,
  retryAnswer,
} from './node-view.js';

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

export interface ControlClient {
  status(): Promise<NodeStatus>;
  /** @param network by name or URL; all unless told */
  jobs(limit: number, network?: string): Promise<readonly JobLine[]>;
  retryRuntime(): Promise<RetryAnswer>;
  uploadReports(): Promise<ReportOrder>;
}

const ANSWER_WITHIN_MS = 5_000;
const jobsAnswer = z.object({ jobs: z.array(jobLine) });

/** @param dataDir for the message only */
export const createControlClient = (socketPath: string, dataDir: string): ControlClient => {
  const ask = async <T>(path: string, schema: z.ZodType<T>, method: 'GET' | 'POST' = 'GET'): Promise<T> => {
    const client = new Client('http://localhost', { socketPath, headersTimeout: ANSWER_WITHIN_MS });
    try {
      const { statusCode, body } = await client.request({ method, path });
      const json = await body.json();
      const parsed = schema.safeParse(json);
      if (statusCode === 200 && parsed.success) return parsed.data;
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
    retryRuntime: () => ask('/runtime/retry', retryAnswer, 'POST'),
    jobs: async (limit, network) => {
      const query = new URLSearchParams({ limit: String(limit), ...(network !== undefined && { network }) });
      return (await ask(`/jobs?${query}`, jobsAnswer)).jobs;
    },
  };
};
