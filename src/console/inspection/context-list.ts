// What may be shown of each machine's context: what is listed here, and nothing else. No statechart holds a prompt, an
// output or a key; texts of strangers, accounts, sessions and the words of a failure stay inside all the same.
import { z } from 'zod';

const text = z.string().max(512);
const digest = z.string().max(128);
const count = z.number();
const epochMs = z.number().nullable();

/** Of a failure its code alone: its message may quote whoever failed. */
const failure = z
  .object({ code: z.string().max(64) })
  .transform(({ code }) => code)
  .nullable();

const configRef = z.object({ version: count, digest }).nullable();
const specRef = z
  .object({ specHash: digest })
  .transform(({ specHash }) => specHash)
  .nullable();

const lists: Readonly<Record<string, z.ZodObject>> = {
  node: z.object({
    nodeId: text.nullable(),
    network: text.nullable(),
    config: configRef,
    wanted: configRef,
    models: z.array(
      z.object({ id: text, digest, slot: text, enabled: z.boolean(), state: text, reason: text.nullable() }),
    ),
    served: z.array(digest).nullable(),
    taken: failure,
    load: z.object({ busy: count, outbox: count }),
    order: z.object({ kind: text, by: text, sinceMs: count, untilMs: epochMs }).nullable(),
    failures: count,
    failure,
  }),
  link: z.object({ failures: count, refusals: count, retryAfterMs: count.nullable(), failure }),
  job: z.object({
    job: text,
    attempt: count,
    resumption: text,
    model: text,
    endpoint: text,
    streamed: z.boolean(),
    isLate: z.boolean(),
    decline: text.nullable(),
    outcome: text.nullable(),
    verdict: text.nullable(),
    failure,
  }),
  configSync: z.object({
    held: configRef,
    wanted: configRef,
    fetched: configRef,
    superseded: z.boolean(),
    outcome: text.nullable(),
    failures: count,
    failure,
  }),
  model: z.object({ id: text, digest, enabled: z.boolean(), failures: count, failure }),
  runtime: z.object({
    wanted: specRef,
    spec: specRef,
    proven: specRef,
    starts: count,
    failures: count,
    stopFailures: count,
    waitMs: count,
    retryAtMs: epochMs,
    failure,
    isControlled: z.boolean(),
  }),
  report: z.object({ report: text.nullable(), delivered: count, failures: count, failure }),
};

/** Names of the machines that have a list. */
export const listedMachines: readonly string[] = Object.keys(lists);

/**
 * @param machine id of the machine; one without a list shows nothing
 * @returns plain data of its own; empty where the context is not of the listed form
 */
export const listedContext = (machine: string, context: unknown): Record<string, unknown> => {
  const list = Object.hasOwn(lists, machine) ? lists[machine] : undefined;
  return list?.safeParse(context).data ?? {};
};
