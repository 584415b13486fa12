// The simulator's options, as a command line or a test gives them, and as the simulator uses them.
import { z } from 'zod';
import { NodeError } from '../../errors.js';

/** The options contradict each other, or one of them has no meaning. */
export class SimulatorOptionsError extends NodeError {
  readonly code = 'SIMULATOR_OPTIONS_INVALID';
  readonly retryable = false;
}

/** A command line gives numbers as text; a test gives them as numbers. */
const numeric = <T extends z.ZodType<number, number>>(schema: T) =>
  z
    .union([
      z.number(),
      z
        .string()
        .regex(/^-?\d+(\.\d+)?$/, { error: 'a number' })
        .transform(Number),
    ])
    .pipe(schema);

const taskSchema = z.enum(['chat', 'embedding']);
export type SimulatorTask = z.infer<typeof taskSchema>;

export interface SimulatedModel {
  readonly name: string;
  readonly task: SimulatorTask;
}

export const faultKinds = [
  'slow',
  'hang',
  'crash',
  'error-midstream',
  'malformed',
  '503',
  'disconnect',
] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface Fault {
  readonly kind: FaultKind;
  /** Tokens a stream has been given before it strikes; for `503`, requests the engine has taken before. */
  readonly after: number;
}

const FAULT = /^([a-z0-9-]+?)(?:@(?:after)?(\d{1,9}))?$/;

/** Tokens before a fault without a number strikes: it is "in mid-stream" only when something has been streamed. */
const AFTER = {
  slow: 0,
  hang: 3,
  crash: 3,
  'error-midstream': 3,
  malformed: 3,
  '503': 0,
  disconnect: 3,
} as const;

export const faultSchema = z.string().transform((text, context): Fault => {
  const [, name, after] = FAULT.exec(text) ?? [];
  const kind = faultKinds.find((known) => known === name);
  if (kind === undefined) {
    context.addIssue({
      code: 'custom',
      message: `kind[@afterN] with a kind of ${faultKinds.join(', ')}, such as crash@20`,
    });
    return z.NEVER;
  }
  return { kind, after: after === undefined ? AFTER[kind] : Number(after) };
});

/** Bytes of a Unix socket's path that every system takes whole (sun_path is 104 bytes on macOS). */
const SOCKET_PATH_BYTES = 103;

const names = z.union([z.string().transform((one) => [one]), z.array(z.string())]);

export const simulatorOptionsSchema = z
  .strictObject({
    /** Unix socket; host and port are ignored when it is given, as vLLM does. */
    uds: z
      .string()
      .min(1)
      .refine((path) => Buffer.byteLength(path) <= SOCKET_PATH_BYTES, {
        error: `a path of at most ${SOCKET_PATH_BYTES} bytes`,
      })
      .optional(),
    host: z.string().min(1).default('127.0.0.1'),
    /** 0: the system chooses. */
    port: numeric(z.number().int().min(0).max(65_535)).default(8000),
    /** `name` or `name:task`. */
    servedModelName: names.default(['simulated-model']),
    /** Task of the names that do not tell theirs. */
    task: taskSchema.default('chat'),
    /** Directory that has to exist; nothing in it is read. */
    model: z.string().min(1).optional(),
    maxModelLen: numeric(z.number().int().min(16).max(16_777_216)).default(8192),
    maxNumSeqs: numeric(z.number().int().min(1).max(65_536)).default(256),
    seed: numeric(z.number().int()).default(0),
    /** Per stream; 0: as fast as possible. */
    tokensPerSecond: numeric(z.number().min(0).max(100_000)).default(0),
    timeToFirstTokenMs: numeric(z.number().min(0).max(3_600_000)).default(0),
    /** Refuses connections for so long, as vLLM does while it loads. */
    loadSeconds: numeric(z.number().min(0).max(86_400)).default(0),
    fault: z.union([faultSchema.transform((one) => [one]), z.array(faultSchema)]).default([]),
    /** Lets a marker such as `[[fault:crash@5]]` in a prompt strike: for tests only. */
    allowPromptFaults: z.boolean().default(false),
    enableForceIncludeUsage: z.boolean().default(false),
    maxLogprobs: numeric(z.number().int().min(0).max(1000)).default(20),
    embeddingDimensions: numeric(z.number().int().min(1).max(8192)).default(384),
  })
  .transform(({ servedModelName, task, fault, ...rest }, context) => {
    const models: SimulatedModel[] = servedModelName.map((text) => {
      const [, name = text, own] = /^(.+):(chat|embedding)$/.exec(text) ?? [];
      return { name, task: own === 'embedding' || own === 'chat' ? own : task };
    });
    if (new Set(models.map(({ name }) => name)).size !== models.length || models.length === 0) {
      context.addIssue({
        code: 'custom',
        path: ['servedModelName'],
        message: 'at least one name, each once',
      });
    }
    if (models.some(({ name }) => name.trim() === '')) {
      context.addIssue({ code: 'custom', path: ['servedModelName'], message: 'a name that is not empty' });
    }
    return { ...rest, models, faults: fault };
  });

/** What a caller gives: everything is optional. */
export type SimulatorOptionsInput = z.input<typeof simulatorOptionsSchema>;
export type SimulatorOptions = z.output<typeof simulatorOptionsSchema>;

const flagOf = (path: readonly PropertyKey[]): string =>
  `--${String(path[0] ?? 'options').replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** @throws SimulatorOptionsError that names each flag and what it wants */
export const parseSimulatorOptions = (input: unknown): SimulatorOptions => {
  const parsed = simulatorOptionsSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path, message }) => `${flagOf(path)}: ${message}`);
  throw new SimulatorOptionsError(`the simulator cannot use these options: ${wrong.join('; ')}`, {
    advice: 'Correct the options named and start it again.',
  });
};
