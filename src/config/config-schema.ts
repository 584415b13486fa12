// Every setting of the node, once: its type, default and description. Names of variables and flags, the help text and
// the documentation follow from here.
import { z } from 'zod';
import { about, line, path, url } from './config-key-meta.js';
import { consoleSchema } from './console-settings.js';
import { containerSettings } from './container-settings.js';
import { networkSettings } from './network-settings.js';

const MAX_SHUTDOWN_GRACE_MS = 3_600_000;

const runtimeSchema = z.strictObject({
  driver: z
    .enum(['external', 'process', 'container'])
    .default('process')
    .meta(
      about({
        description:
          'How the inference engine is run: `container` seals it off from network and files and needs a Docker Engine, `process` starts and stops it as a plain program, `external` speaks to one that is running already.',
      }),
    ),
  engine: z
    .enum(['vllm', 'vllm-cpu', 'llama.cpp', 'ollama', 'simulator'])
    .default('vllm')
    .meta(
      about({
        description: 'Which inference engine it is.',
        aliases: { 'llama-cpp': 'llama.cpp', llamacpp: 'llama.cpp' },
      }),
    ),
  url: url(['http:', 'https:'])
    .optional()
    .meta(
      about({
        description: 'Where an external engine listens.',
        accepts: 'an http:// or https:// URL without user name, password and fragment',
      }),
    ),
  socket: path
    .optional()
    .meta(
      about({ description: 'Unix socket where an external engine listens.', accepts: 'a path', path: true }),
    ),
  command: z
    .array(line(4096))
    .min(1)
    .max(256)
    .optional()
    .meta(
      about({
        description:
          "Program and first arguments to start a `process` engine with, instead of the engine's own.",
        accepts: 'a list: in a variable or flag a JSON array, or words separated by spaces',
      }),
    ),
  slots: z
    .int()
    .min(1)
    .max(4096)
    .optional()
    .meta(about({ description: 'Jobs the engine may work on at once; never more than the network allows.' })),
  ...containerSettings,
});

export const configSchema = z.strictObject({
  dataDir: path.meta(
    about({
      description: 'Where the node keeps its key and state.',
      accepts: 'a path',
      path: true,
      defaultText: '$XDG_STATE_HOME/resultity, else ~/.local/state/resultity; for root /var/lib/resultity',
    }),
  ),
  ...networkSettings,
  label: line(64)
    .optional()
    .meta(about({ description: 'A name for this node, shown to its owner.', accepts: '1 to 64 characters' })),
  logLevel: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info')
    .meta(about({ description: 'The least serious messages that are logged.' })),
  logFormat: z
    .enum(['json', 'pretty', 'auto'])
    .default('auto')
    .meta(about({ description: 'Log lines for machines or for people; `auto` looks for a terminal.' })),
  passphrase: z
    .string()
    .optional()
    .meta(
      about({
        description: "Passphrase of the node's key. Others may see variables: prefer the file.",
        accepts: 'text that is not empty',
        secret: true,
      }),
    ),
  passphraseFile: path.optional().meta(
    about({
      description: "File that holds the passphrase of the node's key; one newline at its end is dropped.",
      accepts: 'a path',
      path: true,
    }),
  ),
  shutdownGraceMs: z
    .int()
    .min(0)
    .max(MAX_SHUTDOWN_GRACE_MS)
    .default(8_000)
    .meta(
      about({ description: 'Milliseconds running jobs may take to finish once the node is told to stop.' }),
    ),
  allowInsecure: z
    .boolean()
    .default(false)
    .meta(
      about({
        description:
          'Allows ws:// and http:// beyond this host: anybody on the way can read and change what passes.',
      }),
    ),
  runtime: runtimeSchema.prefault({}),
  console: consoleSchema.prefault({}),
});

export type ParsedConfig = z.infer<typeof configSchema>;
