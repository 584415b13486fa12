// The Agent dies and comes back: its Runtime has gone on, and is taken over as it is.
import { describe, expect, test } from 'vitest';
import { pollJob, submitJob } from '../../e2e/polling.js';
import { startNodeProcess, until } from '../../e2e/processes.js';
import { untilAcknowledged, untilReady } from '../../e2e/whole-system.js';
import { simulatorImage } from '../images/simulator-image.js';
import { hasEngine, sharedEngine, startContainerSystem } from './container-system.js';

describe.skipIf(!hasEngine())('an Agent that is killed', () => {
  test('adopts its Runtime when it comes back: same container, and the job is done once for pay', async () => {
    const engine = sharedEngine();
    const system = await startContainerSystem(engine, await simulatorImage(engine.docker), {
      flags: { 'tokens-per-second': '50' },
    });
    const { network, apiKey, directory } = system;
    const before = await system.container();
    const { State } = await engine.docker.getContainer(before.Id).inspect();
    const job = await submitJob(network, apiKey, 'Tell a story.', 150);
    await until(
      'the job runs',
      () => system.node.control.status(),
      ({ jobs }) => jobs.running === 1,
    );
    await system.node.kill('SIGKILL');

    const node = startNodeProcess(directory, network.url, { runtime: system.settings });
    await untilReady(node);
    const after = await engine.docker.getContainer((await system.container()).Id).inspect();
    expect(after.Id).toBe(before.Id);
    expect(after.State.StartedAt).toBe(State.StartedAt);

    await until(
      'the job is done',
      () => pollJob(network, apiKey, job),
      ({ status }) => status === 'completed',
      60_000,
    );
    const attempts = await untilAcknowledged(node, [job]);
    expect(attempts.map(({ outcome }) => outcome).sort()).toEqual(['completed', 'interrupted']);
    expect(node.output.stdout).toContain('runtime.adopted');
  });

  test('takes its Runtime with it when it is stopped, and leaves nothing behind', async () => {
    const engine = sharedEngine();
    const system = await startContainerSystem(engine, await simulatorImage(engine.docker));
    expect(await system.containers()).toHaveLength(1);
    expect(await system.node.kill('SIGTERM')).toBe(0);
    expect(await system.containers()).toEqual([]);
  });

  test('removes a stray of its own label, and nobody else\u2019s', async () => {
    const engine = sharedEngine();
    const image = await simulatorImage(engine.docker);
    const system = await startContainerSystem(engine, image);
    const { nodeId } = await system.node.control.status();
    await system.node.kill('SIGTERM');
    const make = async (name: string, node: string) => {
      const container = await engine.docker.createContainer({
        name,
        Image: image,
        Cmd: ['simulate-engine', '--port=8000'],
        Labels: {
          'io.resultity.node': node,
          'io.resultity.role': 'runtime',
          'io.resultity.spec': 'sha256:00',
        },
        HostConfig: { NetworkMode: 'none' },
      });
      await container.start();
      return container;
    };
    const own = await make(`stray-own-${Date.now()}`, nodeId ?? '');
    const other = await make(`stray-other-${Date.now()}`, `0x${'1'.repeat(40)}`);
    try {
      const node = startNodeProcess(system.directory, system.network.url, { runtime: system.settings });
      await untilReady(node);
      await expect(own.inspect()).rejects.toMatchObject({ statusCode: 404 });
      expect((await other.inspect()).State.Running).toBe(true);
    } finally {
      await other.remove({ force: true });
    }
  });
});
