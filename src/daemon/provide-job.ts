// Gives the job's machine its services.
import { assertProvided } from '../machines/declare.js';
import { jobMachine } from '../machines/job-machine.js';
import { TIMES } from '../protocol/limits.js';
import { concludeJob } from '../services/conclude-job.js';
import { declineJob } from '../services/decline-job.js';
import { holdPlace } from '../services/hold-place.js';
import { holdSlot } from '../services/hold-slot.js';
import { createOutboxWindow } from '../services/outbox-window.js';
import { recordJob } from '../services/record-job.js';
import { runInference } from '../services/run-inference.js';
import { signReceipt } from '../services/sign-receipt.js';
import { submitResult } from '../services/submit-result.js';
import { validateJob } from '../services/validate-job.js';
import { watchDeadline, watchOutbox } from '../services/watch-deadline.js';
import type { NodeParts } from './node-parts.js';

export const provideJob = (parts: NodeParts) => {
  const outboxMs = (): number => parts.config.current()?.snapshot.ttl.outbox_ms ?? TIMES.outboxMs;
  const machine = jobMachine.provide({
    actors: {
      validateJob: validateJob({
        ...parts,
        admission: () => ({
          isAdmitting: parts.board.isAdmitting,
          isPaused: parts.admission().isPaused,
          isWithinCredit: parts.board.isWithinCredit,
          modelState: (digest) => parts.board.models.find((one) => one.digest === digest)?.state,
        }),
      }),
      recordJob: recordJob({ ...parts, outboxMs, queueLength: () => parts.slots.waiting }),
      declineJob: declineJob(parts),
      holdSlot: holdSlot(
        parts.slots,
        (attempt) => parts.membership.network.get().journal.find(attempt)?.offer.priority ?? 0,
      ),
      watchDeadline: watchDeadline(parts.clock),
      runInference: runInference({ ...parts, engine: parts.engineFor }),
      signReceipt: signReceipt(parts),
      holdPlace: holdPlace(createOutboxWindow(parts.lane.whenClear)),
      submitResult: submitResult(parts),
      watchOutbox: watchOutbox(parts.time),
      concludeJob: concludeJob(parts),
    },
  });
  assertProvided(machine);
  return { machine, outboxMs };
};
