// The network has the result: the journal drops the output and remembers the attempt for a day.

import type { Logger } from 'pino';
import { fromPromise } from 'xstate';
import type { Attempt } from '../machines/job/job-events.js';
import type { ResultVerdict } from '../protocol/codes.js';
import type { Membership } from './membership.js';
import type { NetworkTime } from './network-time.js';
import type { ServingFigures } from './serving-figures.js';

/** @throws JournalError */
export const concludeJob = (parts: {
  readonly membership: Membership;
  readonly time: NetworkTime;
  readonly figures: ServingFigures;
  readonly logger: Logger;
}) =>
  fromPromise<void, Attempt & { verdict: ResultVerdict }>(async ({ input }) => {
    const { job, attempt, verdict } = input;
    await parts.membership.network.get().journal.acknowledge({ job, attempt }, verdict, parts.time.nowMs());
    parts.figures.noteVerdict(verdict);
    parts.logger.info(
      { event: 'job.acknowledged', job, attempt, verdict },
      'result acknowledged by the network',
    );
  });
