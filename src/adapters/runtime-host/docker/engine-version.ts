// Which version of its API a Docker Engine is spoken to in. Without one it takes its newest, in which fields we read
// may be gone.
import { z } from 'zod';
import { engineUnavailable } from './docker-errors.js';

const apiVersion = z
  .string()
  .regex(/^\d+\.\d+$/)
  .transform((text) => {
    const [major = 0, minor = 0] = text.split('.').map(Number);
    return { text, rank: major * 1000 + minor };
  });

export const engineVersion = z.object({
  Version: z.string(),
  ApiVersion: apiVersion,
  /** Podman may leave it out. */
  MinAPIVersion: apiVersion.optional().catch(undefined),
  Components: z
    .array(z.object({ Name: z.string() }))
    .nullish()
    .transform((components) => components ?? []),
});

export type EngineVersion = z.infer<typeof engineVersion>;

const OLDEST = apiVersion.parse('1.41'); // Docker Engine 20.10
const NEWEST = apiVersion.parse('1.51'); // 28.3; from 1.52 on events have lost fields

/**
 * The newest version both know.
 * @throws EngineUnavailableError `unsupported` when there is none
 */
export const spokenVersion = ({ ApiVersion: newest, MinAPIVersion: oldest }: EngineVersion): string => {
  if (newest.rank < OLDEST.rank) {
    throw engineUnavailable('unsupported', `it speaks API ${newest.text}, ${OLDEST.text} is the least`);
  }
  if (oldest !== undefined && oldest.rank > NEWEST.rank) {
    throw engineUnavailable('unsupported', `it speaks API ${oldest.text} and newer, we ${NEWEST.text}`);
  }
  return newest.rank < NEWEST.rank ? newest.text : NEWEST.text;
};
