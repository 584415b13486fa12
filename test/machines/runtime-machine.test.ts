// When the one Runtime is given up on, and that nothing is started over an engine that may still run.
import { beforeEach, describe, expect, test } from 'vitest';
import { runtimeMachine } from '../../src/machines/runtime-machine.js';
import { Rig } from '../model/rig.js';
import { passing } from '../model/worlds/failures.js';

let rig: Rig;
const specify = (specHash: string): void =>
  rig.send({ type: 'runtime.specified', spec: { specHash, models: [specHash] } } as never);

beforeEach(() => {
  rig = new Rig(runtimeMachine);
  specify('a');
});

const start = (): void => {
  rig.finish('prepareRuntime');
  rig.finish('startRuntime');
};
const crash = (): void => {
  start();
  rig.service('watch').sendBack({ type: 'runtime.exited', code: 1, signal: null } as never);
  rig.finish('stopRuntime');
};
const quarantine = (): void => {
  for (let time = 0; time < 5; time++) {
    crash();
    rig.elapse(60_000);
  }
};

describe('quarantine', () => {
  test('comes after five failures in a row and does not end by itself', () => {
    quarantine();
    rig.elapse(86_400_000);
    expect([rig.snapshot.value, rig.running(), rig.snapshot.context.restarts]).toEqual([
      'quarantined',
      [],
      4,
    ]);
    expect(rig.snapshot.context.failure?.code).toBe('RUNTIME_EXITED');
  });

  test('is not left for the same spec, but for another and for the owner', () => {
    quarantine();
    specify('a');
    expect(rig.snapshot.value).toBe('quarantined');
    rig.send({ type: 'runtime.retried' });
    expect([rig.snapshot.value, rig.snapshot.context.failures]).toEqual(['preparing', 0]);
    rig.stop();
    rig = new Rig(runtimeMachine);
    specify('a');
    quarantine();
    specify('b');
    expect(rig.running('prepareRuntime')).toMatchObject([{ input: { specHash: 'b' } }]);
  });

  test('counts anew once it has served for five minutes', () => {
    for (let time = 0; time < 4; time++) {
      crash();
      rig.elapse(60_000);
    }
    start();
    rig.finish('warmRuntime');
    rig.elapse(5 * 60_000);
    rig.service('watch').sendBack({ type: 'runtime.exited', code: 1, signal: null } as never);
    rig.finish('stopRuntime');
    expect([rig.snapshot.value, rig.snapshot.context.failures]).toEqual(['backingOff', 1]);
  });

  test('counts anew for another spec, whatever the engine was doing', () => {
    for (let time = 0; time < 4; time++) {
      crash();
      rig.elapse(60_000);
    }
    start();
    specify('b');
    rig.finish('stopRuntime');
    expect([rig.snapshot.value, rig.snapshot.context.failures]).toEqual(['preparing', 0]);
  });
});

describe('an engine that will not stop', () => {
  test('is asked again before the next start', () => {
    start();
    specify('b');
    rig.fail('stopRuntime', passing);
    expect([rig.snapshot.value, rig.running()]).toEqual(['stoppingLater', []]);
    rig.elapse(0);
    expect(rig.running().map(({ src }) => src)).toEqual(['stopRuntime']);
  });

  test('is asked again also when nothing is wanted any more: the GPU is the owner’s', () => {
    start();
    rig.send({ type: 'runtime.released' });
    rig.fail('stopRuntime', passing);
    rig.elapse(0);
    rig.finish('stopRuntime');
    expect([rig.snapshot.value, rig.services.filter(({ src }) => src === 'startRuntime').length]).toEqual([
      'absent',
      1,
    ]);
  });
});

test('a start has twenty minutes to warm, a suspect engine fifteen seconds, a draining one a minute', () => {
  start();
  rig.elapse(20 * 60_000 - 1);
  expect(rig.snapshot.value).toEqual({ live: 'warming' });
  rig.finish('warmRuntime');
  rig.send({ type: 'runtime.doubted', reason: 'no answer' } as never);
  rig.elapse(14_999);
  expect(rig.snapshot.value).toEqual({ live: 'suspect' });
  rig.send({ type: 'runtime.trusted' });
  specify('b');
  rig.elapse(59_999);
  expect(rig.snapshot.value).toEqual({ live: 'draining' });
  rig.elapse(1);
  expect(rig.snapshot.value).toBe('stopping');
});
