// The Runtime's container, or what runs in it, breaks in each of the ways they do, with jobs running in it: what the
// node says, what becomes of the jobs, and that it serves again.
import { beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../e2e/processes.js';
import { untilAcknowledged, untilReady } from '../../e2e/whole-system.js';
import { faultyImage } from '../images/faulty-image.js';
import { type ContainerSystem, hasEngine, sharedEngine, startContainerSystem } from './container-system.js';
import { openStreams } from './open-streams.js';

/** Tokens: at 50 a second, far more than the test waits for. */
const LONG = 2_000;
const MEBIBYTE = 1024 ** 2;
/** Far more than a restart of the simulator takes; a real engine's own loading comes on top. */
const RECOVERED_WITHIN_MS = 30_000;

interface Break {
  readonly name: string;
  readonly strike: (system: ContainerSystem, container: string) => Promise<unknown>;
  /** How the attempts that ran ended. */
  readonly outcome: string;
  /** Of the failure the node tells its owner. */
  readonly failure: string;
}

const BREAKS: readonly Break[] = [
  {
    name: 'the container is killed',
    strike: ({ docker }, id) => docker.getContainer(id).kill(),
    outcome: 'runtime_crashed',
    failure: 'RUNTIME_EXITED',
  },
  {
    name: 'the container is removed',
    strike: ({ docker }, id) => docker.getContainer(id).remove({ force: true }),
    outcome: 'runtime_crashed',
    failure: 'RUNTIME_EXITED',
  },
  {
    name: 'the engine ends with exit code 0',
    strike: ({ docker }, id) => docker.getContainer(id).kill({ signal: 'SIGUSR1' }),
    outcome: 'runtime_crashed',
    failure: 'RUNTIME_EXITED',
  },
  {
    name: 'the engine takes more memory than it has',
    strike: ({ docker }, id) => docker.getContainer(id).kill({ signal: 'SIGUSR2' }),
    outcome: 'runtime_oom',
    failure: 'RUNTIME_OOM',
  },
];

describe.skipIf(!hasEngine())('a Runtime that breaks under its jobs', () => {
  let image: string;
  beforeAll(async () => {
    image = await faultyImage(sharedEngine().docker, 'prompts');
  });

  test.each(BREAKS)('$name', async ({ name, strike, outcome, failure }) => {
    const system = await startContainerSystem(sharedEngine(), image, {
      flags: { 'tokens-per-second': '50' },
      amend: (draft) => ({
        ...draft,
        runtimes: draft.runtimes.map((entry) => ({ ...entry, memory_bytes: 256 * MEBIBYTE })),
      }),
    });
    const { node } = system;
    const before = await system.container();
    const ends = await openStreams(system.client, 2, LONG);
    const brokenMs = performance.now();
    await strike(system, before.Id);
    expect(await ends()).toEqual(['upstream_failed', 'upstream_failed']);
    const seen = await until(
      'the node tells of the failure',
      () => node.control.status(),
      ({ runtime }) => runtime.failure?.code === failure,
    );
    expect(seen.runtime.failure?.message).not.toBe('');
    await untilReady(node, RECOVERED_WITHIN_MS);
    const tookMs = Math.round(performance.now() - brokenMs);
    console.info(`${name}: jobs end ${outcome}, serves again after ${tookMs} ms`);

    const attempts = await untilAcknowledged(node);
    expect(attempts.map((one) => one.outcome)).toEqual([outcome, outcome]);
    expect((await system.container()).Id).not.toBe(before.Id);
    expect((await node.control.status()).runtime).toMatchObject({ state: 'ready', restarts: 1 });
    expect(await (await openStreams(system.client, 1, 16))()).toEqual(['answered']);
  });
});
