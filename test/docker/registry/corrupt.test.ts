// What comes is not what was named: it is refused, nothing of it stays, and the Runtime that serves notices nothing.
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { readManifest } from './registry-client.js';
import { failureOf, isAbsent, KIB, openScene, type RegistryScene } from './registry-scene.js';
import { hasRegistry } from './start-registry.js';

const socketPath = inject('engineSocket') ?? '';
const isPossible = socketPath !== '' && (await hasRegistry());
const IMAGE = { layers: 2, layerBytes: 256 * KIB };

const withFlippedBit = (stored: Buffer): Buffer => {
  const middle = stored.length >> 1;
  stored.writeUInt8(stored.readUInt8(middle) ^ 1, middle);
  return stored;
};

describe.skipIf(!isPossible)('an image that is not what was named', () => {
  let scene: RegistryScene;
  beforeAll(async () => {
    scene = await openScene(socketPath, `0x${'c3'.repeat(20)}`);
  });
  afterAll(() => scene?.close());

  const assertCorrupt = async (image: string, retryable: boolean) => {
    const failure = await failureOf(scene.serving, image);
    expect(failure).toMatchObject({
      code: 'IMAGE_UNAVAILABLE',
      retryable,
      details: { trouble: 'corrupt', image },
      advice: expect.any(String),
    });
    expect(await isAbsent(scene.docker, image)).toBe(true);
  };

  it('is refused when another manifest lies under the digest', async () => {
    const { image, repository, digest } = await scene.publish('tampered', IMAGE);
    const other = await scene.publish('tampered', IMAGE);
    const { bytes } = await readManifest(repository, other.digest);
    await scene.registry.damage(digest, () => bytes);
    await assertCorrupt(image, false);
  });

  it.each([0, 1])('is refused when one bit of layer %i is another', async (index) => {
    const { image, repository, digest } = await scene.publish(`flipped-${index}`, IMAGE);
    const { layers } = await readManifest(repository, digest);
    await scene.registry.damage(layers[index]?.digest ?? '', withFlippedBit);
    await assertCorrupt(image, true);
    // Once the registry is mended, the very same name is good again.
    await scene.registry.damage(layers[index]?.digest ?? '', withFlippedBit);
    const { host, during } = scene.serving;
    await during(() => host.ensureImage(image, () => {}, new AbortController().signal));
    expect(await isAbsent(scene.docker, image)).toBe(false);
  });
});
