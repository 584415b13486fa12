// How the one Runtime is replaced, rolled back and given up on; the record of failures is played by the test.
import { beforeEach, describe, expect, test } from 'vitest';
import type { Judgement } from '../../src/machines/runtime/runtime-events.js';
import { runtimeMachine } from '../../src/machines/runtime-machine.js';
import { Rig } from '../model/rig.js';
import { lasting, passing } from '../model/worlds/failures.js';
import { ended, judged, quarantined } from '../model/worlds/runtime-world.js';

let rig: Rig;
const specify = (specHash: string): void =>
  rig.send({ type: 'runtime.specified', spec: { specHash, models: [specHash] } } as never);
const recall = (judgement: Judgement = judged({ failures: 0, failure: null })): void =>
  rig.finish('recallFailures', judgement);
const record = (change: Partial<Judgement> = {}): void => rig.finish('recordFailure', judged(change));

beforeEach(() => {
  rig = new Rig(runtimeMachine);
  specify('a');
  recall();
});

const start = (): void => {
  rig.finish('prepareRuntime');
  rig.finish('startRuntime');
};
const serve = (): void => {
  start();
  rig.finish('warmRuntime');
};
const exit = (): void => {
  rig.service('watch').sendBack({ type: 'runtime.exited', failure: ended } as never);
  rig.finish('stopRuntime');
};
/** From a ready `a` to a `b` that is about to be recalled. */
const swap = (): void => {
  specify('b');
  rig.finish('prepareNext');
  rig.send({ type: 'jobs.drained' });
  rig.finish('stopRuntime');
};

describe('a failure', () => {
  test('is recorded before the next start, with the spec and what was told of it', () => {
    start();
    exit();
    expect(rig.running().map(({ src, input }) => ({ src, input }))).toEqual([
      { src: 'recordFailure', input: { specHash: 'a', failure: ended } },
    ]);
    record({ waitMs: 5_000, retryAtMs: 1_700_000_000_000 });
    expect([rig.snapshot.value, rig.snapshot.context.retryAtMs]).toEqual(['backingOff', 1_700_000_000_000]);
    rig.elapse(4_999);
    expect(rig.snapshot.value).toBe('backingOff');
    rig.elapse(1);
    expect([rig.snapshot.value, rig.snapshot.context.retryAtMs]).toEqual(['preparing', null]);
  });

  test('of which nobody knows whether it is on record is followed by the longest pause', () => {
    rig.fail('prepareRuntime', passing);
    rig.fail('recordFailure', passing);
    rig.elapse(299_999);
    expect(rig.snapshot.value).toBe('backingOff');
    rig.elapse(1);
    expect(rig.snapshot.value).toBe('preparing');
  });

  test('is recorded for the spec that failed, also when another is wanted by then', () => {
    start();
    rig.service('watch').sendBack({ type: 'runtime.exited', failure: ended } as never);
    specify('b');
    rig.finish('stopRuntime');
    expect(rig.running('recordFailure')[0]?.input).toEqual({ specHash: 'a', failure: ended });
    record();
    expect(rig.running('recallFailures')[0]?.input).toEqual({ specHash: 'b' });
  });

  test('is forgotten, here and on disk, once it has served for ten minutes', () => {
    start();
    exit();
    record();
    rig.elapse(0);
    serve();
    rig.elapse(10 * 60_000 - 1);
    expect([rig.snapshot.context.failures, rig.snapshot.context.failure]).toEqual([1, ended]);
    rig.elapse(1);
    expect([rig.snapshot.context.failures, rig.snapshot.context.failure]).toEqual([0, null]);
    expect(rig.service('watch').received).toEqual([{ type: 'failures.forget' }]);
  });
});

describe('quarantine', () => {
  beforeEach(() => {
    start();
    exit();
    rig.finish('recordFailure', quarantined);
  });

  test('does not end by itself', () => {
    rig.elapse(86_400_000);
    expect([rig.snapshot.value, rig.running()]).toEqual(['quarantined', []]);
    expect(rig.snapshot.context.failure).toEqual(ended);
  });

  test('is not left for the same spec, but for another and for the owner', () => {
    specify('a');
    expect(rig.snapshot.value).toBe('quarantined');
    rig.send({ type: 'runtime.retried' });
    rig.finish('forgetFailures');
    expect(rig.running('recallFailures')[0]?.input).toEqual({ specHash: 'a' });
    expect(rig.snapshot.context).toMatchObject({ failures: 0, failure: null });
    recall(quarantined);
    specify('b');
    expect(rig.running('recallFailures')[0]?.input).toEqual({ specHash: 'b' });
  });

  test('outlasts the Agent', () => {
    rig.stop();
    rig = new Rig(runtimeMachine);
    specify('a');
    recall(quarantined);
    expect([rig.snapshot.value, rig.snapshot.context.failure]).toEqual(['quarantined', ended]);
  });
});

describe('another spec', () => {
  beforeEach(serve);

  test('is fetched while the old one serves, then takes its place', () => {
    specify('b');
    expect(rig.snapshot.value).toEqual({ live: { ready: 'preparingNext' } });
    expect(rig.running('prepareNext')[0]?.input).toEqual({ specHash: 'b' });
    rig.finish('prepareNext');
    expect(rig.snapshot.value).toEqual({ live: 'draining' });
    rig.send({ type: 'jobs.drained' });
    rig.finish('stopRuntime');
    expect(rig.running('recallFailures')[0]?.input).toEqual({ specHash: 'b' });
  });

  test('that cannot be fetched now is tried ever later, and the old one serves on', () => {
    specify('b');
    const pauses: number[] = [];
    for (let time = 0; time < 6; time++) {
      rig.fail('prepareNext', passing);
      const timer = rig.clock.pending().find(({ eventType }) => eventType.includes('.nextDelay.'));
      pauses.push(timer?.delayMs ?? -1);
      rig.clock.fire(timer?.eventType ?? '');
    }
    expect(pauses).toEqual([0, 5_000, 15_000, 60_000, 300_000, 300_000]);
    expect(rig.snapshot.context).toMatchObject({ spec: { specHash: 'a' }, next: { failures: 6 } });
    expect(rig.services.filter(({ src }) => src === 'stopRuntime')).toEqual([]);
  });

  test('that can never be prepared is given up, until the owner says otherwise', () => {
    specify('b');
    rig.fail('prepareNext', lasting);
    expect(rig.snapshot.value).toEqual({ live: { ready: 'settled' } });
    expect(rig.snapshot.context.rejected).toMatchObject({ specHash: 'b', failure: { code: 'LASTING' } });
    specify('b');
    expect(rig.running('prepareNext')).toEqual([]);
    rig.send({ type: 'runtime.retried' });
    rig.finish('pardonNext');
    expect(rig.running('prepareNext')[0]?.input).toEqual({ specHash: 'b' });
  });

  test('that fails twice before it is ready is rolled back, and that is told', () => {
    swap();
    recall();
    start();
    exit();
    record({ failures: 1 });
    rig.elapse(0);
    start();
    exit();
    record({ failures: 2 });
    expect(rig.emitted).toEqual([{ type: 'runtime.rolledBack', from: 'b', to: 'a', failure: ended }]);
    recall();
    serve();
    expect(rig.snapshot.value).toEqual({ live: { ready: 'settled' } });
    expect(rig.snapshot.context).toMatchObject({
      wanted: { specHash: 'b' },
      spec: { specHash: 'a' },
      rejected: { specHash: 'b', failure: ended },
    });
    specify('c');
    expect(rig.running('prepareNext')[0]?.input).toEqual({ specHash: 'c' });
  });

  test('that fails for good is rolled back at once, one known to be bad is not even started', () => {
    for (const finish of [
      () => {
        recall();
        start();
        exit();
        rig.finish('recordFailure', quarantined);
      },
      () => recall(quarantined),
    ]) {
      swap();
      finish();
      expect(rig.running('recallFailures')[0]?.input).toEqual({ specHash: 'a' });
      recall();
      serve();
      specify('a');
    }
  });

  test('that has served once is not rolled back, however it fails then', () => {
    swap();
    recall();
    serve();
    exit();
    record({ failures: 4 });
    expect([rig.snapshot.value, rig.snapshot.context.spec]).toMatchObject(['backingOff', { specHash: 'b' }]);
  });

  test('does not replace an old one that fails before the new one is prepared', () => {
    specify('b');
    exit();
    record({ waitMs: 1_000 });
    rig.elapse(1_000);
    expect(rig.running('prepareRuntime')[0]?.input).toEqual({ specHash: 'a' });
    serve();
    expect(rig.running('prepareNext')[0]?.input).toEqual({ specHash: 'b' });
  });

  test('that is wanted no more while the old one drains leaves it where it is', () => {
    specify('b');
    rig.finish('prepareNext');
    specify('a');
    expect(rig.snapshot.value).toEqual({ live: { ready: 'settled' } });
  });
});

test('what had proved itself when the Agent last ran is gone back to, as if it had served just now', () => {
  rig.stop();
  rig = new Rig(runtimeMachine, { input: { proven: { specHash: 'a', models: ['a'] } } });
  specify('b');
  recall();
  rig.fail('prepareRuntime', lasting);
  rig.finish('recordFailure', quarantined);
  expect(rig.emitted).toEqual([{ type: 'runtime.rolledBack', from: 'b', to: 'a', failure: ended }]);
  expect(rig.running('recallFailures')[0]?.input).toEqual({ specHash: 'a' });
  recall();
  serve();
  expect(rig.snapshot.context).toMatchObject({ spec: { specHash: 'a' }, rejected: { specHash: 'b' } });
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

  test('does not hide why it was to be stopped', () => {
    start();
    rig.service('watch').sendBack({ type: 'runtime.exited', failure: ended } as never);
    rig.fail('stopRuntime', passing);
    rig.elapse(0);
    rig.finish('stopRuntime');
    expect(rig.running('recordFailure')[0]?.input).toEqual({ specHash: 'a', failure: ended });
  });
});

test('an engine behind a container engine that is gone serves on, and that is visible', () => {
  serve();
  rig.service('watch').sendBack({ type: 'control.lost' });
  expect([rig.snapshot.matches({ live: 'ready' }), rig.snapshot.context.isControlled]).toEqual([true, false]);
  rig.service('watch').sendBack({ type: 'control.regained' });
  expect(rig.snapshot.context.isControlled).toBe(true);
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
  rig.send({ type: 'runtime.released' });
  rig.elapse(59_999);
  expect(rig.snapshot.value).toEqual({ live: 'draining' });
  rig.elapse(1);
  expect(rig.snapshot.value).toBe('stopping');
});

test('a suspect engine that is replaced says what spoke against it', () => {
  serve();
  rig.send({ type: 'runtime.doubted', reason: 'its health check fails' } as never);
  rig.elapse(15_000);
  expect(rig.snapshot.context.fault).toMatchObject({
    code: 'RUNTIME_CONDEMNED',
    message: 'suspect for too long: its health check fails',
  });
});
