// How long each machine waits before it tries again: longer each time, and never for ever. The daemon puts jitter
// below these bounds.
import { expect, test } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { configSyncMachine } from '../../src/machines/config-sync-machine.js';
import { linkMachine } from '../../src/machines/link-machine.js';
import { modelMachine } from '../../src/machines/model-machine.js';
import { nodeMachine } from '../../src/machines/node-machine.js';
import { reportMachine } from '../../src/machines/report-machine.js';
import { runtimeMachine } from '../../src/machines/runtime-machine.js';
import { Rig } from '../model/rig.js';
import { passing } from '../model/worlds/failures.js';
import { judged } from '../model/worlds/runtime-world.js';

/** Fails a step again and again; the pauses that followed, in milliseconds. */
const pauses = (rig: Rig, timer: string, times: number, fail: () => void): number[] =>
  Array.from({ length: times }, () => {
    fail();
    const pause = rig.clock.pending().find(({ eventType }) => eventType.includes(`.${timer}.`));
    if (pause === undefined) throw new Error(`${rig.machine.id} does not wait for ${timer}`);
    rig.clock.fire(pause.eventType);
    return pause.delayMs;
  });

const start = (machine: AnyStateMachine, input?: unknown): Rig =>
  new Rig(machine, { input, withParent: true });

test('the link doubles its pause from two seconds up to a minute', () => {
  const rig = start(linkMachine);
  const delays = pauses(rig, 'redialDelay', 8, () => rig.fail('session', passing));
  expect(delays).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
});

test('joining and registering double their pause from two seconds up to a minute', () => {
  const rig = new Rig(nodeMachine);
  rig.finish('openIdentity', { nodeId: 'n' });
  rig.finish('probeHost');
  const joins = pauses(rig, 'retryDelay', 7, () => rig.fail('joinNetwork', passing));
  expect(joins).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  rig.finish('joinNetwork', { network: 'net', registered: false });
  const registrations = pauses(rig, 'retryDelay', 3, () => rig.fail('registerNode', passing));
  expect(registrations).toEqual([2_000, 4_000, 8_000]);
});

test('a configuration is asked for six times', () => {
  const rig = start(configSyncMachine, { held: null, wanted: { version: 1, digest: 'A' } });
  const delays = pauses(rig, 'retryDelay', 5, () => rig.fail('fetchConfig', passing));
  expect(delays).toEqual([2_000, 4_000, 8_000, 16_000, 32_000]);
  rig.fail('fetchConfig', passing);
  expect(rig.snapshot.value).toBe('unreachable');
});

test('a failing model is tried ever later, up to once an hour', () => {
  const rig = start(modelMachine, { id: 'm', digest: 'M', enabled: true });
  const delays = pauses(rig, 'retryDelay', 12, () => rig.fail('inspectModel', passing));
  expect(delays.slice(0, 3)).toEqual([10_000, 20_000, 40_000]);
  expect(delays.slice(-3)).toEqual([3_600_000, 3_600_000, 3_600_000]);
});

test('a report is sent ever later, up to every five minutes, also when only its deletion fails', () => {
  const rig = new Rig(reportMachine);
  rig.send({ type: 'report.requested' });
  rig.finish('sealReport', 'r1');
  const uploads = pauses(rig, 'retryDelay', 9, () => rig.fail('uploadReport', passing));
  expect(uploads).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000]);
  const deletions = pauses(rig, 'retryDelay', 2, () => {
    rig.finish('uploadReport');
    rig.finish('confirmReport');
    rig.fail('pruneReport', passing);
  });
  expect([deletions, rig.snapshot.context.delivered]).toEqual([[300_000, 300_000], 0]);
});

test('an engine that will not stop is asked again at once, then after 5, 15, 60 and 300 seconds', () => {
  const rig = new Rig(runtimeMachine);
  rig.send({ type: 'runtime.specified', spec: { specHash: 'a', models: ['m'] } } as never);
  rig.finish('recallFailures', judged({ failures: 0, failure: null }));
  rig.finish('prepareRuntime');
  rig.fail('startRuntime', passing);
  const delays = pauses(rig, 'stopDelay', 6, () => rig.fail('stopRuntime', passing));
  expect(delays).toEqual([0, 5_000, 15_000, 60_000, 300_000, 300_000]);
});
