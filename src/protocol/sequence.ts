// Sequence numbers of one direction of one session: exactly one more each time.
import { ProtocolError } from './protocol-error.js';

export interface SequenceCheck {
  /** @throws ProtocolError `sequence_gap` on a gap or a repetition */
  accept(seq: number): void;
}

/** The first frame of a direction has number 0. */
export const createSequenceCheck = (): SequenceCheck => {
  let expected = 0;
  return {
    accept(seq) {
      if (seq !== expected) {
        throw new ProtocolError('sequence_gap', `frame ${seq} where ${expected} was due`);
      }
      expected++;
    },
  };
};

export const createSequence = (): (() => number) => {
  let next = 0;
  return () => next++;
};
