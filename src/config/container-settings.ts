// Settings of an engine that runs in a container; they mean something with that driver only.
import { z } from 'zod';
import { about, line, path } from './config-key-meta.js';

export const USUAL_CONTAINER_SOCKET = '/var/run/docker.sock';

/** Less starts no engine; more has no machine. */
const MIN_MEMORY_BYTES = 64 * 1024 ** 2;
const MAX_MEMORY_BYTES = 2 ** 50;

/** Docker's own rule. Source: moby, `daemon/names`. */
const volumeName = z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,254}$/);

const GPU_UUID = /^(?:GPU|MIG)-[0-9A-Za-z/-]{1,90}$/;

export const containerSettings = {
  containerSocket: line(256)
    .regex(/^(?:unix:\/\/)?\//)
    .transform((text) => text.replace(/^unix:\/\//, ''))
    .optional()
    .meta(
      about({
        description: 'Socket of the Docker Engine. Whoever may use it is root on its host.',
        accepts:
          'an absolute path on this host; no tcp:// address, for whoever reaches one is root there: forward it to a local socket instead',
        defaultText: USUAL_CONTAINER_SOCKET,
      }),
    ),
  memoryBytes: z
    .int()
    .min(MIN_MEMORY_BYTES)
    .max(MAX_MEMORY_BYTES)
    .optional()
    .meta(
      about({
        description:
          "Memory the engine's container may use at most, its temporary files included; a larger bound of the network is lowered to it.",
      }),
    ),
  cpus: z
    .int()
    .min(1)
    .max(4096)
    .optional()
    .meta(about({ description: "Processors' worth of time the engine's container may use; unset: all." })),
  gpus: z
    .array(line(96))
    .min(1)
    .max(64)
    .refine(
      (gpus) => (gpus.length === 1 && /^(?:all|none)$/.test(gpus[0] ?? '')) || gpus.every(isUuid),
      'not a choice of GPUs',
    )
    .optional()
    .meta(
      about({
        description: "GPUs the engine's container is given: every NVIDIA one that is found, none, or these.",
        accepts: '`all`, `none`, or a list of UUIDs as `nvidia-smi -L` shows them; in the file always a list',
        defaultText: 'all',
      }),
    ),
  socketDirectory: path.optional().meta(
    about({
      description:
        "Directory for the engine's socket: where socketVolume is mounted for the node, else any with a short path.",
      accepts: 'a path',
      path: true,
      defaultText: 'runtime in the data directory',
    }),
  ),
  socketVolume: volumeName.optional().meta(
    about({
      description:
        "For a node that runs in a container itself: the volume, mounted at socketDirectory, by which it shares the engine's socket.",
      accepts: 'the name of a volume',
    }),
  ),
  modelsVolume: volumeName.optional().meta(
    about({
      description:
        'For a node that runs in a container itself: the volume mounted at models in its data directory.',
      accepts: 'the name of a volume',
    }),
  ),
};

const isUuid = (text: string): boolean => GPU_UUID.test(text);
