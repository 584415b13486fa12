// Why a commit of LMDB failed, in the system's words.
import { getSystemErrorName } from 'node:util';

/** lmdb-js hangs the reason of a failed commit on the error as a promise, which rejects, and names it by a number. */
export const commitCause = async (caught: unknown): Promise<unknown> => {
  const hasReason = caught instanceof Error && 'commitError' in caught;
  const cause: unknown = hasReason
    ? await Promise.resolve(caught.commitError).catch((reason: unknown) => reason)
    : caught;
  if (!(cause instanceof Error) || !('code' in cause) || typeof cause.code !== 'number' || cause.code <= 0) {
    return cause;
  }
  return Object.assign(new Error(cause.message, { cause }), { code: getSystemErrorName(-cause.code) });
};
