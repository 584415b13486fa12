// The inspectors of others that the statecharts can be shown in; none unless asked for.
import { z } from 'zod';
import { about, line, url } from './config-key-meta.js';

const MAX_PORT = 65_535;
const MAX_ORIGINS = 8;

const origin = line(256).refine(
  (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text,
  'not an origin',
);

export const inspectorSettings = {
  classic: z
    .int()
    .min(0)
    .max(MAX_PORT)
    .optional()
    .meta(
      about({
        description:
          'Port on 127.0.0.1 for viewers of @xstate/inspect, read-only. Any program of this host may read what they are shown: names and states of the statecharts.',
        accepts: 'a port, or 0 for any that is free',
        flag: 'inspect-classic',
      }),
    ),
  classicOrigins: z
    .array(origin)
    .min(1)
    .max(MAX_ORIGINS)
    .optional()
    .meta(
      about({
        description: 'Sites whose pages may attach to that port, for example https://stately.ai.',
        accepts: 'origins, each http:// or https://, a host and perhaps a port',
        flag: 'inspect-classic-origins',
      }),
    ),
  stately: url(['ws:', 'wss:'])
    .optional()
    .meta(
      about({
        description:
          'A receiver of @statelyai/inspect to send names and states of the statecharts to; the package has to be installed beside the node.',
        accepts: 'a ws:// or wss:// URL without user name, password and fragment',
        flag: 'inspect-stately',
      }),
    ),
};
