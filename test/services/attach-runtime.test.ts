// What passes between one node and the daemon's one Runtime, with the real charts on both sides.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createActor, fromCallback, fromPromise } from 'xstate';
import { CONFIG } from '../../scripts/vectors/samples.js';
import { MemoryDriver } from '../../src/adapters/runtime/memory-driver.js';
import { toFailure } from '../../src/errors.js';
import { modelMachine } from '../../src/machines/model-machine.js';
import type { Judgement } from '../../src/machines/runtime/runtime-events.js';
import { runtimeMachine } from '../../src/machines/runtime-machine.js';
import { attachRuntime } from '../../src/services/attach-runtime.js';
import { createRuntimeControl } from '../../src/services/runtime-control.js';
import { createRuntimeDesk } from '../../src/services/runtime-desk.js';
import { SpecQuarantinedError } from '../../src/services/runtime-failures.js';
import { chooseRuntimeSpec } from '../../src/services/runtime-spec.js';
import { offerConfig, operatingNode, tell } from '../machines/operating-node.js';
import type { Rig } from '../model/rig.js';

const SETTLE_MS = 50;
const CLEAN: Judgement = { failures: 0, isQuarantined: false, waitMs: 0, retryAtMs: null, failure: null };
const OLD = `sha256:${'a'.repeat(64)}`;
const NEW = `sha256:${'b'.repeat(64)}`;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** The only listed model keeps its name; its content is another with each version. */
const planOf = (version: number, digest: string) => ({
  config: { version, digest: `C${version}` },
  models: [{ id: 'tiny', digest, enabled: true }],
});

interface Play {
  /** Waits or throws in the place of a preparation. */
  readonly prepareNext?: () => Promise<void>;
  readonly recall?: () => Judgement;
}

const attachedNode = (listed: string, { prepareNext = async () => {}, recall = () => CLEAN }: Play = {}) => {
  const resized: number[] = [];
  const control = createRuntimeControl(new MemoryDriver(), () => {
    throw new Error('nothing is connected to here');
  });
  const done = fromPromise<void, { specHash: string }>(async () => undefined);
  const runtime = createActor(
    runtimeMachine.provide({
      actors: {
        recallFailures: fromPromise<Judgement, { specHash: string }>(async () => recall()),
        forgetFailures: fromPromise<void, undefined>(async () => undefined),
        prepareRuntime: done,
        prepareNext: fromPromise<void, { specHash: string }>(prepareNext),
        startRuntime: done,
        warmRuntime: done,
        watchRuntime: fromCallback(() => undefined),
        stopRuntime: fromPromise<void, undefined>(async () => undefined),
      },
    }),
  ).start();
  const world: { listed: string; slots: number | undefined } = { listed, slots: undefined };
  /** Each test: of which content, and with which content the engine was started. */
  const tests: { of: string; on: readonly string[] | undefined }[] = [];
  const engine = (): readonly string[] | undefined => {
    const { spec } = runtime.getSnapshot().context;
    return control.specs.get(spec?.specHash ?? '')?.models.map(({ path }) => path ?? 'none');
  };
  const model = modelMachine.provide({
    actors: {
      inspectModel: fromPromise<boolean, { digest: string }>(async () => true),
      testModel: fromPromise<void, { digest: string }>(async ({ input }) => {
        tests.push({ of: input.digest, on: engine() });
      }),
    },
  });
  const { seats } = createRuntimeDesk({
    runtime,
    control,
    names: [() => 'devnet'],
    resize: (slots) => void resized.push(slots),
    patienceMs: 5_000,
  });
  const [seat] = seats;
  if (seat === undefined) throw new Error('a desk without a seat');
  const service = attachRuntime({
    seat,
    settleMs: SETTLE_MS,
    choose: () =>
      chooseRuntimeSpec({
        config: {
          ...CONFIG,
          models: CONFIG.models.slice(0, 1).map((entry) => ({ ...entry, digest: world.listed })),
        },
        engine: 'vllm',
        maxModels: 1,
        pathOf: (digest) => digest,
        slots: world.slots,
        configDigest: listed,
        gpus: [],
      }),
  });
  const rig = operatingNode(planOf(1, listed), { actors: { attachRuntime: service, model } });
  const stateOf = (digest: string): unknown =>
    (rig.snapshot.context.models as { digest: string; state: string }[]).find((one) => one.digest === digest)
      ?.state;
  return { rig, runtime, tests, stateOf, world, resized };
};

test('a model listed anew under a known name is proved by an engine that was started with it', async () => {
  const { rig, runtime, tests, stateOf, world } = attachedNode(OLD);
  await vi.advanceTimersByTimeAsync(SETTLE_MS);
  expect([tests, stateOf(OLD)]).toEqual([[{ of: OLD, on: [OLD] }], 'active']);

  world.listed = NEW;
  offerConfig(rig, 2);
  tell(rig, 'config.inForce', { plan: planOf(2, NEW) });
  await vi.advanceTimersByTimeAsync(SETTLE_MS - 1);
  expect([runtime.getSnapshot().value, stateOf(NEW)]).toEqual([{ live: { ready: 'settled' } }, 'pending']);
  await vi.advanceTimersByTimeAsync(1);
  expect([tests.slice(1), stateOf(NEW)]).toEqual([[{ of: NEW, on: [NEW] }], 'active']);
  rig.stop();
  runtime.stop();
});

test('a node that goes, halted or stopped, leaves the engine to be drained and stopped', async () => {
  const { rig, runtime, stateOf } = attachedNode(OLD);
  await vi.advanceTimersByTimeAsync(SETTLE_MS);
  expect([runtime.getSnapshot().value, stateOf(OLD)]).toEqual([{ live: { ready: 'settled' } }, 'active']);
  rig.stop();
  expect(runtime.getSnapshot().value).toEqual({ live: 'draining' });
  expect(runtime.getSnapshot().context.wanted).toBeNull();
  runtime.stop();
});

test('the slots are those of the engine that serves, not of the one that is being prepared', async () => {
  let prepared: () => void = () => undefined;
  const next = new Promise<void>((resolve) => {
    prepared = resolve;
  });
  const { rig, runtime, world, resized } = attachedNode(OLD, { prepareNext: () => next });
  await vi.advanceTimersByTimeAsync(SETTLE_MS);
  const [first] = resized;
  expect(resized).toHaveLength(1);
  world.slots = 1;
  offerConfig(rig, 2);
  tell(rig, 'config.inForce', { plan: planOf(2, OLD) });
  await vi.advanceTimersByTimeAsync(SETTLE_MS);
  expect([runtime.getSnapshot().value, resized]).toEqual([{ live: { ready: 'preparingNext' } }, [first]]);
  prepared();
  await vi.advanceTimersByTimeAsync(SETTLE_MS);
  expect([runtime.getSnapshot().value, resized]).toEqual([{ live: { ready: 'settled' } }, [first, 1]]);
  rig.stop();
  runtime.stop();
});

const disproofs = (rig: Rig): unknown[] =>
  rig
    .running('configSync')
    .flatMap(({ received }) => received)
    .filter(({ type }) => type === 'config.disproved');

test('models of a Runtime that was given up fail and end the sync; the owner’s retry gives them another chance', async () => {
  let isMended = false;
  const refused = new SpecQuarantinedError('it does not work', { advice: 'Mend it.' });
  const { rig, runtime, stateOf, world } = attachedNode(OLD, {
    prepareNext: async () => {
      if (!isMended) throw refused;
    },
  });
  await vi.advanceTimersByTimeAsync(SETTLE_MS);
  world.listed = NEW;
  offerConfig(rig, 2);
  tell(rig, 'config.inForce', { plan: planOf(2, NEW) });
  await vi.advanceTimersByTimeAsync(SETTLE_MS);
  expect([runtime.getSnapshot().value, stateOf(NEW)]).toEqual([{ live: { ready: 'settled' } }, 'failed']);
  expect(disproofs(rig)).toContainEqual({ type: 'config.disproved', failure: toFailure(refused) });

  // Tried again by itself it waits for the same Runtime, and hears of it.
  rig.elapse(10_000);
  await vi.advanceTimersByTimeAsync(0);
  expect(stateOf(NEW)).toBe('pending');
  await vi.advanceTimersByTimeAsync(SETTLE_MS);
  expect(stateOf(NEW)).toBe('failed');

  isMended = true;
  runtime.send({ type: 'runtime.retried' });
  await vi.advanceTimersByTimeAsync(SETTLE_MS);
  expect([runtime.getSnapshot().value, stateOf(NEW)]).toEqual([{ live: { ready: 'settled' } }, 'active']);
  rig.stop();
  runtime.stop();
});

test('a quarantine says nothing about the spec of the next configuration', async () => {
  let isQuarantined = true;
  const failure = { code: 'RUNTIME_EXITED', message: 'it ended', retryable: false };
  const { rig, runtime, stateOf, world } = attachedNode(OLD, {
    recall: () => (isQuarantined ? { ...CLEAN, isQuarantined, failures: 1, failure } : CLEAN),
  });
  await vi.advanceTimersByTimeAsync(SETTLE_MS);
  expect([runtime.getSnapshot().value, stateOf(OLD)]).toEqual(['quarantined', 'failed']);
  isQuarantined = false;
  world.slots = 1;
  offerConfig(rig, 2);
  tell(rig, 'config.inForce', { plan: planOf(2, OLD) });
  await vi.advanceTimersByTimeAsync(SETTLE_MS);
  expect([runtime.getSnapshot().value, stateOf(OLD)]).toEqual([{ live: { ready: 'settled' } }, 'active']);
  expect(disproofs(rig)).toEqual([]);
  rig.stop();
  runtime.stop();
});
