// Registries that have no such image, want a login, are gone, or never come to an end: each failure has its name, and
// an abort is heard at once.
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { publishImage } from './layered-image.js';
import { answering, CUTTING, type Fault, NO_FAULT, SILENT, STALLING } from './registry-front.js';
import { failureOf, isAbsent, KIB, openScene, type RegistryScene } from './registry-scene.js';
import { hasRegistry, LOGIN, startRegistry } from './start-registry.js';

const socketPath = inject('engineSocket') ?? '';
const isPossible = socketPath !== '' && (await hasRegistry());
const SMALL = { layers: 1, layerBytes: 16 * KIB };
const UNKNOWN = `sha256:${'0'.repeat(64)}`;

describe.skipIf(!isPossible)('a pull that cannot be', () => {
  let scene: RegistryScene;
  beforeAll(async () => {
    scene = await openScene(socketPath, `0x${'c4'.repeat(20)}`);
  });
  afterEach(() => {
    if (scene !== undefined) scene.front.fault = NO_FAULT;
  });
  afterAll(() => scene?.close());

  const assertTrouble = async (image: string, trouble: string) =>
    expect(await failureOf(scene.serving, image)).toMatchObject({
      code: 'IMAGE_UNAVAILABLE',
      retryable: true,
      details: { trouble, image },
      advice: expect.any(String),
    });

  it('tells a digest the registry does not know', async () => {
    await scene.publish('known', SMALL);
    await assertTrouble(`${scene.registry.address}/known@${UNKNOWN}`, 'unknown');
  });

  it.each(['nobody', 'gzip/verified-digest'])('tells a repository it does not know: %s', async (name) => {
    await assertTrouble(`${scene.registry.address}/${name}@${UNKNOWN}`, 'unknown');
  });

  it('tells that a login is wanted', async () => {
    const locked = await startRegistry({ isLocked: true });
    try {
      const repository = `${locked.address}/locked`;
      const digest = await publishImage(scene.docker, repository, SMALL, LOGIN);
      await assertTrouble(`${repository}@${digest}`, 'unauthorized');
    } finally {
      await locked.remove();
    }
  });

  it('tells a registry that is gone', async () => {
    const gone = await startRegistry();
    const digest = await publishImage(scene.docker, `${gone.address}/gone`, SMALL);
    await gone.stop();
    try {
      await assertTrouble(`${gone.address}/gone@${digest}`, 'registry');
    } finally {
      await gone.remove();
    }
  });

  it.each([
    [403, 'DENIED', 'unauthorized'],
    [429, 'TOOMANYREQUESTS', 'registry'],
    [503, 'UNAVAILABLE', 'registry'],
  ])('takes a registry that answers %i %s for %s', async (status, code, trouble) => {
    const { image } = await scene.publish(`answers-${status}`, SMALL);
    scene.front.fault = answering(status, { errors: [{ code, message: 'not now' }] });
    await assertTrouble(image, trouble);
  });

  it.each<[string, Fault]>([
    ['never answers', SILENT],
    ['stops in the middle of a layer', STALLING],
    ['keeps cutting layers off', CUTTING],
  ])('ends at once on an abort while the registry %s, and leaves nothing', async (words, fault) => {
    const { image } = await scene.publish(words.replaceAll(' ', '-').toLowerCase(), {
      layers: 2,
      layerBytes: 1024 * KIB,
    });
    scene.front.fault = fault;
    const before = scene.front.spoiled;
    const abort = new AbortController();
    const reason = new Error('something else is wanted');
    const failure = failureOf(scene.serving, image, abort.signal);
    await vi.waitUntil(() => scene.front.spoiled > before, { timeout: 10_000 });
    const abortedAt = performance.now();
    abort.abort(reason);
    expect(await failure).toBe(reason);
    expect(performance.now() - abortedAt).toBeLessThan(2_000);
    expect(await isAbsent(scene.docker, image)).toBe(true);

    scene.front.fault = NO_FAULT;
    const { host, during } = scene.serving;
    await during(() => host.ensureImage(image, () => {}, new AbortController().signal));
    expect(await isAbsent(scene.docker, image)).toBe(false);
  });
});
