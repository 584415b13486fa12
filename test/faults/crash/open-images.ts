// Opens every crash image of a recorded life and asks whether it keeps what was promised.
import { join } from 'node:path';
import { memoryScratch } from '../memory-scratch.js';
import type { Call } from './calls.js';
import { type Crash, crashImages, layOut } from './crash-images.js';

export interface Life {
  readonly calls: readonly Call[];
  /** The directory that stands for the disk. */
  readonly root: string;
}

/** @throws when a promise is broken or something torn is believed */
export type Judge = (place: string, crash: Crash) => Promise<void>;

/**
 * Stops at the first image that does not: one is enough to know, and to look at.
 * @param samples see {@link crashImages}
 */
export const openImages = async (
  name: string,
  { calls, root }: Life,
  samples: number,
  judge: Judge,
): Promise<{ readonly opened: number; readonly broken?: unknown }> => {
  const place = join(memoryScratch(), 'place');
  let opened = 0;
  for (const crash of crashImages(name, calls, root, samples)) {
    layOut(crash.image, root, place);
    opened++;
    try {
      await judge(place, crash);
    } catch (cause) {
      const files = [...crash.image.keys()].join(', ');
      return {
        opened,
        broken: new Error(`after call ${crash.calls} of ${calls.length}: ${files}`, { cause }),
      };
    }
  }
  return { opened };
};
