// What the node must know of an inference engine, as data: how to start it, where it listens, how to see that it is
// ready and how busy it is, what its errors mean. A definition holds no code, so a new engine is a new file.
import { z } from 'zod';
import { engineContainerSchema } from './container-definition.js';
import { engineFlagsSchema } from './engine-flags.js';

/** Filled in by {@link file://./engine-arguments.ts}; nothing else may stand in braces. */
export const PLACEHOLDERS = [
  'socket',
  'port',
  'model_path',
  'model_id',
  'model_task',
  'context_tokens',
  'context_tokens_total', // context_tokens × max_concurrent, for engines that share one context among their slots
  'max_concurrent',
] as const;

export type Placeholder = (typeof PLACEHOLDERS)[number];

const known = new Set<string>(PLACEHOLDERS);

/** One argument or value: text with `{placeholder}`s. It reaches the process as one argument, never through a shell. */
const templateSchema = z
  .string()
  .min(1)
  .refine((text) => !text.includes('\0'), { error: 'an argument cannot hold a NUL byte' })
  .refine((text) => [...text.matchAll(/\{([a-z_]+)\}/g)].every(([, name = '']) => known.has(name)), {
    error: `an unknown placeholder; the known ones are ${PLACEHOLDERS.map((name) => `{${name}}`).join(' ')}`,
  });

/**
 * Arguments in order: plain ones once, `forEachModel` repeated per model, `ifModelPath` only where there are files,
 * `ifEmbedding` only when every model served is an embedding model.
 */
const argumentSchema = z.union([
  templateSchema,
  z.strictObject({ forEachModel: z.array(templateSchema).min(1) }),
  z.strictObject({ ifModelPath: z.array(templateSchema).min(1) }),
  z.strictObject({ ifEmbedding: z.array(templateSchema).min(1) }),
]);

const httpPathSchema = z.string().regex(/^\/[\w/.-]*$/, { error: 'a path such as /health' });

export const engineTaskSchema = z.enum(['chat', 'completion', 'embedding']);

/** What a failure means to the node, whatever words the engine uses for it. */
export const failureMeaningSchema = z.enum([
  'out-of-memory', // does not fit, or stopped fitting, the memory of the GPU or host
  'memory-held', // another program holds it now: waiting may help
  'configuration', // the same start can never succeed
  'device-lost', // the GPU or its driver is gone: recreate
  'engine-dead', // the engine's core has ended although its server still talks: replace
  'loading', // not ready yet
  'busy', // its queue is full: later
  'context-exceeded', // the request's fault
  'model-unknown', // asked for a name it does not serve
  'model-files', // the model's files cannot be read or understood
]);

export const knownErrorSchema = z.strictObject({
  /** Found anywhere in the log or error body, letters' case ignored. */
  contains: z.string().min(1),
  meaning: failureMeaningSchema,
  /** The same start or request, unchanged, may succeed later. */
  retryable: z.boolean(),
  /** One sentence for the owner. */
  advice: z.string().min(1),
});

const canarySchema = z.strictObject({
  path: httpPathSchema,
  /** JSON body; the model's id is put in under `model`. */
  body: z.record(z.string(), z.json()),
});

const metricSchema = z.string().regex(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/, { error: 'a Prometheus metric name' });

export const engineDefinitionSchema = z.strictObject({
  /** What the configuration calls it. */
  key: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/),
  title: z.string().min(1),
  tasks: z.array(engineTaskSchema).min(1),
  /** Models one process can serve at once. */
  maxModels: z.number().int().positive(),
  /** What `{model_path}` is: the model's directory, one file in it, or nothing (a store of its own, no weights). */
  weights: z.discriminatedUnion('from', [
    z.strictObject({ from: z.literal('directory') }),
    z.strictObject({ from: z.literal('file'), extension: z.string().startsWith('.') }),
    z.strictObject({ from: z.literal('own-store') }),
    z.strictObject({ from: z.literal('nothing') }),
  ]),
  process: z.strictObject({
    /** `node`: this very program started again; `path`: a program found on PATH. */
    program: z.discriminatedUnion('from', [
      z.strictObject({ from: z.literal('node') }),
      z.strictObject({ from: z.literal('path'), name: z.string().min(1) }),
    ]),
    arguments: z.array(argumentSchema),
    /** Set over a cleaned environment; the values are templates. */
    environment: z.record(z.string().regex(/^[A-Z_][A-Z0-9_]*$/), templateSchema),
    stopSignal: z.enum(['SIGTERM', 'SIGINT']),
  }),
  /** What the network may add to the arguments. */
  flags: engineFlagsSchema,
  container: engineContainerSchema,
  /** `tcp` is only for engines that know no Unix socket; they are bound to loopback. */
  listen: z.enum(['unix', 'tcp']),
  /** The ending by which an engine tells a socket's path from a host name; null where it has a flag of its own. */
  socketSuffix: z.string().nullable(),
  readiness: z.strictObject({
    path: httpPathSchema,
    ready: z.array(z.number().int()).min(1),
    /** Statuses that mean "still loading". Refused connections always do, until the deadline. */
    loading: z.array(z.number().int()),
    /** Ready only after a first canary, for the model is loaded on first use. */
    needsWarmUp: z.boolean(),
    probeEveryMs: z.number().int().positive(),
    deadlineMs: z.number().int().positive(),
  }),
  paths: z.strictObject({
    models: httpPathSchema,
    version: httpPathSchema.nullable(),
    metrics: httpPathSchema.nullable(),
    /** The only paths ever called with a job's content. */
    inference: z.partialRecord(z.enum(['chat.completions', 'completions', 'embeddings']), httpPathSchema),
  }),
  /** Key of the version in the body of `paths.version`. */
  versionField: z.string().nullable(),
  canary: z.partialRecord(engineTaskSchema, canarySchema),
  /** Prometheus names; `null`: the engine does not tell, which is unknown and not zero. */
  metrics: z.strictObject({
    running: metricSchema.nullable(),
    waiting: metricSchema.nullable(),
    kvUse: metricSchema.nullable(),
    tokensOut: metricSchema.nullable(),
  }),
  /** The longest it may be without a token under load, which is its longest prefill; milliseconds. Default 60 s. */
  silenceMs: z.number().int().positive().optional(),
  /** Shapes its error bodies may have: OpenAI's nested object, vLLM's old flat object, or `{"error": "text"}`. */
  errorShapes: z.array(z.enum(['nested', 'flat', 'text'])).min(1),
  knownErrors: z.array(knownErrorSchema),
});

export type EngineDefinition = z.infer<typeof engineDefinitionSchema>;
export type EngineTask = z.infer<typeof engineTaskSchema>;
export type KnownError = z.infer<typeof knownErrorSchema>;
