// The commands' side of the admin socket.
import { request } from 'node:http';
import type { z } from 'zod';
import {
  AdminAnswerError,
  AdminRefusedError,
  AdminSocketError,
  NetworkNotRunningError,
} from './admin-errors.js';
import { adminFailure } from './admin-failure.js';
import { ADMIN_VERBS, type AdminInput, type AdminOutput, type AdminVerb } from './admin-verbs.js';

export interface AdminClient {
  /**
   * @throws NetworkNotRunningError nobody listens
   * @throws AdminRefusedError with the network's own code
   * @throws AdminAnswerError the answer is not what this version expects
   */
  call<V extends AdminVerb>(verb: V, input: AdminInput<V>): Promise<AdminOutput<V>>;
}

const ANSWER_BYTES = 64 * 1024 * 1024;

/** @param dataDir shown in errors only */
export const createAdminClient = (socketPath: string, dataDir: string): AdminClient => ({
  call: async (verb, input) => {
    const { status, text } = await exchange(socketPath, dataDir, verb, JSON.stringify(input));
    const answer = parseJson(text);
    if (status === 200) return read(ADMIN_VERBS[verb].output, answer) as AdminOutput<typeof verb>;
    const { code, message, retryable, advice } = read(adminFailure, answer).error;
    throw new AdminRefusedError({ code, message, retryable, ...(advice !== undefined && { advice }) });
  },
});

const exchange = (
  socketPath: string,
  dataDir: string,
  verb: AdminVerb,
  body: string,
): Promise<{ status: number; text: string }> =>
  new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const asked = request(
      { socketPath, path: `/${verb}`, method: 'POST', headers, agent: false },
      (answer) => {
        const parts: Buffer[] = [];
        let bytes = 0;
        answer.on('data', (part: Buffer) => {
          bytes += part.length;
          if (bytes > ANSWER_BYTES)
            answer.destroy(new AdminAnswerError('the answer of the network is too long'));
          else parts.push(part);
        });
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(parts).toString() }),
        );
        answer.on('error', reject);
      },
    );
    asked.on('error', (error: NodeJS.ErrnoException) => reject(unreachable(error, dataDir)));
    asked.end(body);
  });

const unreachable = (error: NodeJS.ErrnoException, dataDir: string): Error => {
  if (error.code === 'EACCES') {
    return new AdminSocketError(`the network in ${dataDir} belongs to another user`, {
      advice: 'Run the command as the user that started the network.',
      cause: error,
    });
  }
  return new NetworkNotRunningError(`no network runs in ${dataDir}`, {
    advice: "Start it with 'resultity-node network start', or name another directory with --data-dir.",
    cause: error,
  });
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AdminAnswerError('the network did not answer with JSON', { cause });
  }
};

const read = <T extends z.ZodType>(schema: T, answer: unknown): z.output<T> => {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new AdminAnswerError('the network answered in a form this command does not know', {
    advice: 'Use the same version for the network and its commands.',
    cause: parsed.error,
  });
};
