// One attempt of one job, from its offer to the network's acknowledgement.
// Holds no prompt, output or token: those live in the journal and in the execution's own record.
import { deliveringState } from './job/delivering-state.js';
import { executingState } from './job/executing-state.js';
import { jobSetup } from './job/job-setup.js';
import { decliningState, receivedState, recordingState, validatingState } from './job/offered-states.js';
import {
  concludingLaterState,
  concludingState,
  signingLaterState,
  signingState,
} from './job/recorded-states.js';

export const jobMachine = jobSetup.createMachine({
  id: 'job',
  description:
    'One attempt of one job: validated, recorded, run, signed, submitted, and kept until the network acknowledged it.',
  options: { maxIterations: 1_000 },
  context: ({ input }) => ({
    ...input,
    isLate: input.resumption !== 'new',
    decline: null,
    param: null,
    outcome: null,
    reason: null,
    verdict: null,
    failure: null,
  }),
  output: ({ context }) => context,
  initial: 'received',
  on: { 'job.released': '.released' },
  states: {
    received: receivedState,
    validating: validatingState,
    recording: recordingState,
    executing: executingState,
    signing: signingState,
    signingLater: signingLaterState,
    delivering: deliveringState,
    concluding: concludingState,
    concludingLater: concludingLaterState,
    declining: decliningState,
    released: {
      type: 'final',
      description: 'The node ends; the journal knows how to go on.',
    },
    concluded: { type: 'final', description: 'Acknowledged: the node owes nothing more.' },
    declined: { type: 'final', description: 'Not taken; nothing was recorded.' },
    abandoned: {
      type: 'final',
      description: 'The outbox time ended without an acknowledgement, or the journal lost its record.',
    },
  },
});
