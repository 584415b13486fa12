// The disk of the container engine is full: the pull says so, the Runtime on that disk serves on, and once there is
// space the same pull succeeds. An engine of its own, for no other test could live on such a disk.
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startTestEngine } from '../engine/test-engine.js';
import { failureOf, isAbsent, KIB, openScene, type RegistryScene } from './registry-scene.js';
import { mountSmallDisk, type SmallDisk } from './small-disk.js';
import { hasRegistry } from './start-registry.js';

const MIB = 1024 * KIB;
/** For the simulator's image while it is brought in: its layer, and what is built on the way. */
const DISK = 640 * MIB;
const LAYER = 12 * MIB;

/** Says loudly when there is none. */
const smallDisk = async (): Promise<SmallDisk | undefined> => {
  try {
    return await mountSmallDisk(DISK);
  } catch (cause) {
    if (process.env.CI === 'true') throw cause;
    console.warn(`SKIPPED: a full disk needs something to mount; ${cause}.`);
    return undefined;
  }
};

const isPossible = inject('engineSocket') !== null && (await hasRegistry());

describe.skipIf(!isPossible)('a pull onto a full disk', () => {
  const closings: (() => Promise<void>)[] = [];
  let disk: SmallDisk | undefined;
  let scene: RegistryScene;
  beforeAll(async () => {
    const mounted = await smallDisk();
    if (mounted === undefined) return;
    disk = mounted;
    closings.push(() => mounted.remove());
    const engine = await startTestEngine({ dataRoot: mounted.path });
    closings.push(() => engine.remove());
    scene = await openScene(engine.socketPath, `0x${'c5'.repeat(20)}`);
    closings.push(() => scene.close());
  });
  afterAll(async () => {
    for (const closing of closings.reverse()) await closing();
  });

  it.for([
    ['download', LAYER / 2],
    ['unpacking', LAYER * 2 + LAYER / 2],
  ] as const)('fails for space in the %s, and succeeds when there is some', async (given, { skip }) => {
    if (disk === undefined) return skip('nothing can be mounted here');
    const [step, leaveBytes] = given;
    const { image } = await scene.publish(`full-in-${step}`, { layers: 2, layerBytes: LAYER });
    await disk.fill(leaveBytes);
    try {
      expect(await failureOf(scene.serving, image)).toMatchObject({
        code: 'IMAGE_UNAVAILABLE',
        retryable: true,
        details: { trouble: 'no-space', image },
        advice: 'Free space where the Docker Engine keeps its images.',
      });
      expect(await isAbsent(scene.docker, image)).toBe(true);
    } finally {
      await disk.relieve();
    }
    const { host, during } = scene.serving;
    await during(() => host.ensureImage(image, () => {}, new AbortController().signal));
    expect(await isAbsent(scene.docker, image)).toBe(false);
  });
});
