// What a refusal must be: an error of the node's own, with a word to the owner on what to do next.
import { NodeError } from '../../../src/errors.js';

/** @returns its code @throws when the error is a stranger's or leaves the owner alone */
export const refusalCode = (caught: unknown): string => {
  if (!(caught instanceof NodeError)) throw new Error('not refused with a typed error', { cause: caught });
  if (caught.advice === undefined || caught.advice === '') {
    throw new Error(`${caught.code} comes without advice`, { cause: caught });
  }
  return caught.code;
};
