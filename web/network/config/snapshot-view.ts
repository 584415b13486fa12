// What the page shows of a configuration. Its schema is the nodes' business; here more may be in it.
import { z } from 'zod';
import { count, digest, millis } from '../../../src/protocol/primitives.js';

const model = z.object({
  id: z.string(),
  version: z.string(),
  digest,
  tasks: z.array(z.string()),
  engines: z.array(z.string()),
  context_tokens: count,
  enabled: z.boolean(),
});
export type ModelInForce = z.infer<typeof model>;

const snapshot = z.object({
  issued_ms: millis,
  expires_ms: millis,
  models: z.array(model),
  runtimes: z.array(z.object({ engine: z.string(), max_concurrent: count })),
  jobs: z.object({ max_output_tokens: count }),
  versions: z.object({ agent_min: z.string(), agent_latest: z.string() }),
});

/** @throws z.ZodError for what is no configuration of protocol v1 */
export const readSnapshot = (given: unknown): z.infer<typeof snapshot> => snapshot.parse(given);
