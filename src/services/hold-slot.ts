// Holds one of the Runtime's slots for as long as an attempt is executing.
import { fromCallback } from 'xstate';
import type { Attempt, JobEvent } from '../machines/job/job-events.js';
import type { Slots } from './slots.js';

export const holdSlot = (slots: Slots, priorityOf: (attempt: Attempt) => number) =>
  fromCallback<JobEvent, Attempt>(({ input, sendBack }) =>
    slots.acquire(priorityOf(input), () => sendBack({ type: 'slot.granted' })),
  );
