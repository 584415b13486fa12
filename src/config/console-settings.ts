// Settings of the console: the page of this node, its API and its feed, on a port of this machine.
import { isIP } from 'node:net';
import { z } from 'zod';
import { about, line } from './config-key-meta.js';
import { inspectorSettings } from './inspector-settings.js';

/** Where the console is looked for first. */
export const USUAL_CONSOLE_PORT = 7540;

const hostName = line(255).regex(/^[A-Za-z0-9._-]+$|^\[[0-9a-fA-F:.]+\]$/);

export const consoleSchema = z.strictObject({
  enabled: z
    .boolean()
    .default(true)
    .meta(
      about({
        description: 'Whether the node serves its console: a page to watch and steer it by.',
        negated: 'console',
      }),
    ),
  port: z
    .int()
    .min(0)
    .max(65_535)
    .default(USUAL_CONSOLE_PORT)
    .meta(about({ description: 'Port of the console; 0: any that is free.' })),
  address: line(64)
    .refine((text) => isIP(text) !== 0)
    .default('127.0.0.1')
    .meta(
      about({
        description:
          'Address the console listens on. Beyond this host it is not encrypted: 0.0.0.0 is meant for a container whose port is published on 127.0.0.1.',
        accepts: 'an IP address',
      }),
    ),
  hosts: z
    .array(hostName)
    .min(1)
    .max(16)
    .optional()
    .meta(
      about({
        description:
          'More names under which the console may be opened, without port; localhost, 127.0.0.1 and [::1] always may.',
        accepts: 'a list of host names',
      }),
    ),
  inspector: z
    .boolean()
    .default(true)
    .meta(
      about({
        description: "Whether the console shows the node's statecharts and job timelines as they work.",
      }),
    ),
  ...inspectorSettings,
});
