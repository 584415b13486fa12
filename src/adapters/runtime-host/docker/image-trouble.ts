// What the words of a failed pull mean. An engine passes on what a registry, the way to it, or its own disk said, and
// has no code for it.
import type { ImageTrouble } from '../runtime-host-errors.js';

/** The first that fits; in the words of engines with their own store of images, of containerd's, and of registries. */
const WORDS: readonly (readonly [RegExp, ImageTrouble])[] = [
  [/no space left/i, 'no-space'],
  [
    /verification failed|unexpected commit (digest|size)|digest mismatch|did not match|does not match|don't match image|invalid (tar header|rootfs|checksum)|gzip: invalid|wrong diff id/i,
    'corrupt',
  ],
  // In a layer that came whole. By itself it is a connection that was cut.
  [/(tar file|register layer|extract layer).*unexpected EOF/i, 'corrupt'],
  [/unauthorized|authentication required|no basic auth|denied|forbidden|HTTP 40[13]\b/i, 'unauthorized'],
  [/manifest unknown|not found|no such image|name unknown/i, 'unknown'],
];

/**
 * A manifest is short and comes whole: one that is another was put there, and so it will be the next time. So it is where
 * manifest, configuration and layers each have the right digest and contradict each other. The bytes of a layer may as
 * well have been spoiled on the way.
 */
const OTHER_IMAGE =
  /manifest verification failed|commit on ref "(manifest|index)-[^"]*": unexpected commit digest|don't match image/i;

/** Whether what is `corrupt` is a whole image, and not the one that was named. */
export const isOtherImage = (words: string): boolean => OTHER_IMAGE.test(words);

/** @param image its own name, and the addresses it is asked for at, say nothing of what went wrong */
export const imageTroubleOf = (words: string, image: string): ImageTrouble => {
  const [repository = image] = image.split('@');
  const said = words
    .replaceAll(/https?:\/\/[^\s"]+/g, '')
    .replaceAll(image, '')
    .replaceAll(repository, '');
  return WORDS.find(([pattern]) => pattern.test(said))?.[1] ?? 'registry';
};
