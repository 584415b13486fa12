// The configuration in force, a draft for the next one, what a draft would change, and its publication.
import { z } from 'zod';
import { count, digest } from '../../../protocol/primitives.js';
import { none } from './verb-atoms.js';

export const configRef = z.object({ version: count, digest });

const configView = configRef.extend({ snapshot: z.looseObject({ kind: z.literal('config') }) });
/** The operator's file as it is, JSON or YAML. */
const draft = z.string().max(1024 * 1024);

/** A value of either side, as JSON; long ones are cut. Absent: there is none on this side. */
const side = z.string().optional();

export const configChange = z.object({
  /** e.g. `models.demo-chat.context_tokens`: models go by id, runtimes by engine. */
  field: z.string(),
  before: side,
  after: side,
});
export type ConfigChange = z.infer<typeof configChange>;

export const configVerbs = {
  'config.show': { input: none, output: z.object({ config: configView.nullable() }) },
  /** What is in force, written as a draft to go on from. */
  'config.draft': {
    input: none,
    output: z.object({ version: count.nullable(), draft: z.string() }),
  },
  /** Judges a draft; nothing is published. */
  'config.check': {
    input: z.strictObject({ draft }),
    output: z.object({
      /** Every field at fault; none: it can be published. */
      faults: z.array(z.object({ field: z.string(), reason: z.string() })),
      /** Against the one in force; empty for a draft with faults. */
      changes: z.array(configChange),
      /** There are more than are listed. */
      has_more: z.boolean(),
      /** The version it was compared with. */
      version: count.nullable(),
    }),
  },
  'config.publish': {
    input: z.strictObject({
      draft,
      /** The version the operator has seen, 0 for none: refused if another one is in force by now. */
      replaces: count.optional(),
    }),
    output: configView,
  },
} as const;
