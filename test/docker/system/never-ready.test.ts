// Engines that start and are not what was asked for, or take their time: what the owner reads of each.
import { describe, expect, test } from 'vitest';
import { until } from '../../e2e/processes.js';
import { untilReady } from '../../e2e/whole-system.js';
import { type EngineFault, faultyImage } from '../images/faulty-image.js';
import { simulatorImage } from '../images/simulator-image.js';
import { hasEngine, sharedEngine, startContainerSystem } from './container-system.js';

const NEVER: readonly {
  readonly fault: EngineFault;
  readonly code: string;
  /** Given up at once, or tried again. */
  readonly state: 'quarantined' | 'backingOff';
}[] = [
  { fault: 'wrong-model', code: 'RUNTIME_MISMATCH', state: 'quarantined' },
  { fault: 'garbage', code: 'OUTPUT_MALFORMED', state: 'backingOff' },
  { fault: 'unfit', code: 'RUNTIME_EXITED', state: 'quarantined' },
];

describe.skipIf(!hasEngine())('an engine that is not what was asked for', () => {
  test.each(NEVER)(
    '$fault: the node takes no jobs, and says why and what to do',
    async ({ fault, code, state }) => {
      const engine = sharedEngine();
      const system = await startContainerSystem(engine, await faultyImage(engine.docker, fault), {
        isUnready: true,
      });
      const { runtime, idleReason } = await until(
        'the failure is told',
        () => system.node.control.status(),
        (status) => status.runtime.failure?.code === code && status.runtime.state === state,
      );
      expect(idleReason).not.toBeNull();
      expect(runtime.failure?.advice).toBeTruthy();
      expect(await system.containers()).toEqual([]);
    },
  );

  test('slow to load: it is waited for, and served by then', async () => {
    const engine = sharedEngine();
    const system = await startContainerSystem(engine, await simulatorImage(engine.docker), {
      flags: { 'load-seconds': '4' },
      isUnready: true,
    });
    await until(
      'it loads',
      () => system.node.control.status(),
      ({ runtime }) => runtime.state === 'warming',
    );
    await untilReady(system.node);
    expect((await system.node.control.status()).runtime).toMatchObject({ restarts: 0, failure: null });
  });

  test('dead although its server talks: a 503 has it replaced at once', async () => {
    const engine = sharedEngine();
    const system = await startContainerSystem(engine, await simulatorImage(engine.docker), {
      flags: { fault: '503@6' },
    });
    const before = await system.container();
    const ask = () =>
      system.client.chat.completions
        .create({ model: 'demo-chat', messages: [{ role: 'user', content: 'Hello' }], max_tokens: 4 })
        .catch(() => undefined);
    await until(
      'the Runtime is replaced',
      async () => {
        await ask();
        return system.node.control.status();
      },
      ({ runtime }) => runtime.restarts > 0,
    );
    await untilReady(system.node);
    expect((await system.container()).Id).not.toBe(before.Id);
  });
});
