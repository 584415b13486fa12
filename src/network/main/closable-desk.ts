// The job desk as the Cloud API may use it while the network goes down: connections are cut then, which must neither
// cancel jobs that are to go on after the restart nor bring new ones.
import { NodeError } from '../../errors.js';
import type { JobDesk } from '../desk/job-desk.js';

/** Told to a client as 503 with a time to come back. */
export class ShuttingDownError extends NodeError {
  readonly code = 'SHUTTING_DOWN';
  readonly retryable = true;
}

export const closableDesk = (desk: JobDesk): { readonly desk: JobDesk; close(): void } => {
  let isClosed = false;
  return {
    desk: {
      submit: async (order) => {
        if (isClosed) throw new ShuttingDownError('the network is about to restart');
        const handle = await desk.submit(order);
        return {
          job: handle.job,
          events: handle.events,
          cancel: (reason) => {
            if (!isClosed) handle.cancel(reason);
          },
        };
      },
      find: (job, namespace) => desk.find(job, namespace),
      cancel: (job, namespace) => !isClosed && desk.cancel(job, namespace),
      models: () => desk.models(),
    },
    close: () => {
      isClosed = true;
    },
  };
};
