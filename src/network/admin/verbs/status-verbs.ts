// What the network is and how it is doing.
import { z } from 'zod';
import { count, digest, millis, networkName } from '../../../protocol/primitives.js';
import { configRef } from './config-verbs.js';
import { none } from './verb-atoms.js';

export const statusVerbs = {
  status: {
    input: none,
    output: z.object({
      name: networkName,
      chain_id: count,
      genesis: digest,
      url: z.string(),
      data_dir: z.string(),
      pid: count,
      started_ms: millis,
      /** The network's clock: durations are told by it, not by the reader's. */
      now_ms: millis,
      config: configRef.nullable(),
      models: z.array(z.object({ id: z.string(), nodes: count })),
      nodes: z.object({ registered: count, online: count }),
      jobs: z.record(z.string(), count),
    }),
  },
} as const;
