// Another configuration, another container: what serves goes on until the next one is here, running jobs finish, and
// what turns out to be no good is taken back.
import { beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../e2e/processes.js';
import { draftIn, publish, untilReady } from '../../e2e/whole-system.js';
import { faultyImage } from '../images/faulty-image.js';
import { simulatorImage } from '../images/simulator-image.js';
import {
  type ContainerSystem,
  hasEngine,
  inContainer,
  sharedEngine,
  startContainerSystem,
} from './container-system.js';
import { openStreams } from './open-streams.js';

const ABSENT = `sha256:${'0'.repeat(64)}`;

describe.skipIf(!hasEngine())('another Runtime is wanted', () => {
  let image: string;
  beforeAll(async () => {
    image = await simulatorImage(sharedEngine().docker);
  });

  const start = () => startContainerSystem(sharedEngine(), image, { flags: { 'tokens-per-second': '100' } });
  const want = async ({ directory, network }: ContainerSystem, wanted: string, flags = {}): Promise<void> => {
    await publish(network, inContainer(wanted, flags)(await draftIn(directory)));
  };
  const answers = async (system: ContainerSystem) => (await openStreams(system.client, 1, 8))();

  test('running jobs finish on the old one, then the new one serves in its place', async () => {
    const system = await start();
    const before = await system.container();
    const ends = await openStreams(system.client, 2, 300);
    await want(system, image, { 'tokens-per-second': '200' });
    expect(await ends()).toEqual(['answered', 'answered']);
    await until(
      'the new one is there',
      () => system.container(),
      ({ Id, State }) => Id !== before.Id && State === 'running',
    );
    await untilReady(system.node);
    expect(await answers(system)).toEqual(['answered']);
    expect((await system.container()).Labels['io.resultity.spec']).not.toBe(
      before.Labels['io.resultity.spec'],
    );
  });

  test('its image cannot be had: the old one serves on, and the node says what it waits for', async () => {
    const system = await start();
    const before = await system.container();
    await want(system, ABSENT);
    const { runtime } = await until(
      'the node tells why',
      () => system.node.control.status(),
      (status) => status.runtime.behind?.code === 'IMAGE_UNAVAILABLE',
    );
    expect(runtime).toMatchObject({ state: 'ready', restarts: 0 });
    expect((await system.container()).Id).toBe(before.Id);
    expect(await answers(system)).toEqual(['answered']);
  });

  test('it serves another model than it should: the old one comes back', async () => {
    const system = await start();
    const before = await system.container();
    await want(system, await faultyImage(sharedEngine().docker, 'wrong-model'));
    await until(
      'the old one is back',
      async () => ({ container: await system.container(), status: await system.node.control.status() }),
      ({ container, status }) =>
        container.Id !== before.Id &&
        container.ImageID === before.ImageID &&
        status.runtime.state === 'ready',
    );
    const { runtime } = await system.node.control.status();
    expect(runtime.behind).toMatchObject({ code: 'RUNTIME_MISMATCH' });
    expect(await answers(system)).toEqual(['answered']);
  });
});
