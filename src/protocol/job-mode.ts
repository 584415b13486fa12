// How a client waits for its answer.
import { z } from 'zod';

/** `poll` and `sync` run alike on the node, `stream` sends deltas. */
export const jobMode = z.enum(['sync', 'poll', 'stream']);
export type JobMode = z.infer<typeof jobMode>;
