// Every way a recorded life may end in a power cut: after each call, each choice the disk still has.
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { seededRandom } from '../scale.js';
import type { Call } from './calls.js';
import { CrashFileSystem, type Image } from './crash-file-system.js';

export interface Crash {
  /** Calls that were done. */
  readonly calls: number;
  readonly acknowledged: readonly string[];
  readonly image: Image;
}

/** Up to so many choices all combinations are tried, beyond them a sample. */
const EXHAUSTIVE_CHOICES = 5;

const fingerprint = (image: Image, acknowledged: number): string => {
  const hash = createHash('sha1').update(String(acknowledged));
  for (const [path, bytes] of [...image].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`\n${path}\n${bytes?.length ?? -1}\n`).update(bytes ?? '');
  }
  return hash.digest('base64');
};

/**
 * Different images only.
 * @param samples images tried after a call that leaves many choices, and torn ones after each
 */
export function* crashImages(
  name: string,
  calls: readonly Call[],
  root: string,
  samples: number,
): Generator<Crash> {
  const random = seededRandom(name);
  const disk = new CrashFileSystem(root);
  const seen = new Set<string>();
  const acknowledged: string[] = [];
  for (const [at, call] of calls.entries()) {
    disk.do(call);
    if (call.do === 'acknowledge') acknowledged.push(call.text);
    const fates: ((choice: number) => 'kept' | 'lost' | 'torn')[] = [
      () => 'kept',
      () => 'lost',
      () => 'torn',
    ];
    if (disk.choices <= EXHAUSTIVE_CHOICES) {
      for (let bits = 0; bits < 2 ** disk.choices; bits++) {
        fates.push((choice) => ((bits >> choice) & 1 ? 'kept' : 'lost'));
      }
    }
    for (let sample = 0; sample < samples; sample++) {
      fates.push(() => (['kept', 'lost', 'torn'] as const)[random(3)] ?? 'lost');
    }
    for (const fate of fates) {
      let choice = 0;
      const image = disk.image(() => fate(choice++), random);
      const print = fingerprint(image, acknowledged.length);
      if (seen.has(print)) continue;
      seen.add(print);
      yield { calls: at + 1, acknowledged: [...acknowledged], image };
    }
  }
}

/** Lays an image out as files, in the place of what was there. */
export const layOut = (image: Image, root: string, place: string): void => {
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { mode: 0o700 });
  for (const [path, bytes] of image) {
    const target = join(place, relative(root, path));
    if (bytes === null) mkdirSync(target, { mode: 0o700 });
    else writeFileSync(target, bytes, { mode: 0o600 });
  }
};
