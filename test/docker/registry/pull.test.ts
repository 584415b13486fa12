// An image comes by its digest: seen coming, the one that was named, and only once.
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { PullProgress } from '../../../src/adapters/runtime-host/runtime-host.js';
import { simulatorImage } from '../images/simulator-image.js';
import { publishList } from './registry-client.js';
import { CUTTING, NO_FAULT } from './registry-front.js';
import { KIB, openScene, type RegistryScene } from './registry-scene.js';
import { startServingRuntime } from './serving-runtime.js';
import { hasRegistry } from './start-registry.js';

const socketPath = inject('engineSocket') ?? '';
const isPossible = socketPath !== '' && (await hasRegistry());

describe.skipIf(!isPossible)('a pull by digest', () => {
  let scene: RegistryScene;
  beforeAll(async () => {
    scene = await openScene(socketPath, `0x${'c1'.repeat(20)}`);
  });
  afterAll(() => scene?.close());

  const pull = (image: string) => {
    const told: PullProgress[] = [];
    const { host, during } = scene.serving;
    const signal = new AbortController().signal;
    return during(async () => ({
      told,
      id: await host.ensureImage(image, (progress) => told.push(progress), signal),
    }));
  };

  const grows = (values: readonly number[]) =>
    values.every((value, index) => value >= (values[index - 1] ?? 0));

  /** The whole story, as a person who watches would want it. */
  const assertWhole = (told: readonly PullProgress[], layersTotal: number, leastBytes: number) => {
    expect(told.length).toBeGreaterThan(layersTotal);
    expect(grows(told.map(({ layersDone }) => layersDone))).toBe(true);
    expect(told.every(({ doneBytes, totalBytes }) => doneBytes <= totalBytes)).toBe(true);
    const last = told.at(-1);
    expect(last).toMatchObject({ layersDone: layersTotal, layersTotal });
    expect(last?.doneBytes).toBe(last?.totalBytes);
    expect(last?.totalBytes).toBeGreaterThanOrEqual(leastBytes);
  };

  it('shows its progress, costs nothing the second time, and what came runs', async () => {
    const layerBytes = 2048 * KIB;
    const base = await simulatorImage(scene.docker);
    const { image } = await scene.publish('next', { base, layers: 2, layerBytes });

    const { id, told } = await pull(image);
    assertWhole(told, 3, 2 * layerBytes);
    expect(grows(told.map(({ doneBytes }) => doneBytes))).toBe(true);

    const asked = scene.front.asked.length;
    expect(await pull(image)).toEqual({ id, told: [] });
    expect(scene.front.asked.slice(asked)).toEqual([]);

    const next = await startServingRuntime(socketPath, image, `0x${'c2'.repeat(20)}`);
    try {
      await next.during(async () => {});
      const { Image } = await scene.docker.getContainer(next.containerId).inspect();
      expect(Image).toBe(id);
    } finally {
      await next.remove();
    }
  });

  it('goes on where the connection was cut', async () => {
    const layerBytes = 1024 * KIB;
    const { image } = await scene.publish('cut-once', { layers: 2, layerBytes });
    scene.front.fault = (exchange) => scene.front.spoiled === 0 && CUTTING(exchange);
    const { told } = await pull(image);
    scene.front.fault = NO_FAULT;
    expect(scene.front.spoiled).toBe(1);
    // Of the layer that was cut, the engine may have told nothing but what was still to come.
    assertWhole(told, 2, 1.5 * layerBytes);
  });

  it('takes the digest of a list and that of one platform, each as it was named', async () => {
    const small = { layers: 1, layerBytes: 16 * KIB };
    const ours = await scene.publish('platforms', small);
    const other = await scene.publish('platforms', small);
    const architecture = (await scene.docker.version()).Arch;
    const list = await publishList(ours.repository, [
      { digest: other.digest, architecture: architecture === 's390x' ? 'ppc64le' : 's390x' },
      { digest: ours.digest, architecture },
    ]);
    const byList = `${scene.front.address}/platforms@${list}`;

    const listed = await pull(byList);
    expect(listed.told.at(-1)).toMatchObject({ layersDone: 1, layersTotal: 1 });
    const single = await pull(ours.image);
    const { RepoDigests } = await scene.docker.getImage(byList).inspect();
    expect(RepoDigests.toSorted()).toEqual([byList, ours.image].toSorted());
    // Where images are named by their manifest, list and platform differ; the content is one.
    expect((await scene.docker.getImage(single.id).inspect()).RootFS).toEqual(
      (await scene.docker.getImage(listed.id).inspect()).RootFS,
    );
  });
});
