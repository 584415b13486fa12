// A host whose clock somebody sets while a node runs: libfaketime, steered by a file. The monotonic clock is left alone,
// as the kernel leaves it alone when the time of day is set.
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Surroundings } from '../../e2e/processes.js';

const LIBRARIES = '/usr/lib';

const findLibrary = (): string | undefined =>
  readdirSync(LIBRARIES)
    .map((architecture) => join(LIBRARIES, architecture, 'faketime', 'libfaketimeMT.so.1'))
    .find(existsSync);

/** Why no clock can be faked here; undefined where one can. */
export const clockObstacle = (): string | undefined => {
  if (findLibrary() !== undefined) return undefined;
  const obstacle = 'clock jumps need libfaketime (Debian: libfaketime)';
  if (process.env.CI === 'true') throw new Error(obstacle);
  console.warn(`SKIPPED: ${obstacle}`);
  return obstacle;
};

export interface FakedClock {
  readonly around: Surroundings;
  /** @param reading as libfaketime writes it: `+1h`, `-10y`, or a time of day, at which the clock then stands still */
  set(reading: string): void;
}

export const RIGHT = '+0';

export const fakeClock = (directory: string, reading = RIGHT): FakedClock => {
  const file = join(directory, 'clock');
  const set = (to: string): void => writeFileSync(file, `${to}\n`);
  set(reading);
  return {
    around: {
      variables: {
        LD_PRELOAD: findLibrary() ?? '',
        FAKETIME_TIMESTAMP_FILE: file,
        FAKETIME_NO_CACHE: '1',
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
        DONT_FAKE_MONOTONIC: '1',
        NO_FAKE_STAT: '1',
      },
    },
    set,
  };
};
