// The daemon's one Runtime as several networks ask for it: hears what each wants, orders what the award says, and tells
// each what it has of it.
import type { ActorRefFrom } from 'xstate';
import type { RuntimeSpec } from '../adapters/runtime/runtime-driver.js';
import { type GivenUp, givenUpOf } from '../machines/runtime/given-up.js';
import type { runtimeMachine } from '../machines/runtime-machine.js';
import { awardRuntime, type RuntimeAward, runtimeKey } from './award-runtime.js';
import type { RuntimeControl } from './runtime-control.js';
import { type RuntimeSeat, type SeatView, viewSeat } from './runtime-seat.js';
import { specRefOf } from './runtime-spec.js';

export interface RuntimeDesk {
  /** One for each network, in the owner's order. */
  readonly seats: readonly RuntimeSeat[];
  /** Whether a network was passed over because what it wants was given up. */
  hasHopeless(): boolean;
  /** The owner has mended what was wrong: what was hopeless is tried again. */
  forgive(): void;
  /** The daemon ends: what runs may serve to the last job, and nothing else is begun. */
  close(): void;
}

export interface RuntimeDeskParts {
  readonly runtime: ActorRefFrom<typeof runtimeMachine>;
  readonly control: RuntimeControl;
  /** How each network is called, in the owner's order. */
  readonly names: readonly (() => string)[];
  /** Tells the slots how many requests the engine takes at once. */
  readonly resize: (slots: number) => void;
  /** How long a network that is preferred may take to say what it wants; milliseconds. */
  readonly patienceMs: number;
}

interface Sitter {
  spec: RuntimeSpec | undefined;
  hasSpoken: boolean;
  isIdle: boolean;
  /** Neither wants the Runtime nor waits for it. */
  isFree: boolean;
  /** Keys of what it wants and of what it wanted before, as long as the Runtime has that in mind: see `forgetOld`. */
  readonly wanted: Set<string>;
  readonly listeners: Set<() => void>;
}

export const createRuntimeDesk = ({
  runtime,
  control,
  names,
  resize,
  patienceMs,
}: RuntimeDeskParts): RuntimeDesk => {
  const sitters = names.map(
    (): Sitter => ({
      spec: undefined,
      hasSpoken: false,
      isIdle: true,
      isFree: false,
      wanted: new Set(),
      listeners: new Set(),
    }),
  );
  const hopeless = new Map<string, GivenUp>();
  let award: RuntimeAward | undefined;
  let isPatienceOver = false;
  let patience: NodeJS.Timeout | undefined;
  let wasReady = false;
  let isClosed = false;

  const runningSpec = (): RuntimeSpec | undefined =>
    control.specs.get(runtime.getSnapshot().context.spec?.specHash ?? '');

  const hopeOf = ({ spec }: Sitter): GivenUp | undefined =>
    spec === undefined ? undefined : hopeless.get(runtimeKey(spec));

  const tell = (): void => {
    for (const { listeners } of sitters) for (const listener of [...listeners]) listener();
  };

  /** A start would otherwise begin with whoever speaks first, and begin anew for the one that is preferred. */
  const hasToWait = (): boolean => {
    if (isPatienceOver) return false;
    const first = sitters.findIndex(({ spec }) => spec !== undefined);
    const isOpen = first > 0 && sitters.slice(0, first).some(({ hasSpoken }) => !hasSpoken);
    if (isOpen) {
      patience ??= setTimeout(() => {
        isPatienceOver = true;
        decide();
      }, patienceMs);
    }
    return isOpen;
  };

  const decide = (): void => {
    if (isClosed || hasToWait()) return;
    award = awardRuntime(
      sitters.map((sitter) => ({ spec: sitter.spec, isHopeless: hopeOf(sitter) !== undefined })),
    );
    if (award === undefined) {
      runtime.send({ type: 'runtime.released' });
    } else {
      control.specs.set(award.spec.specHash, award.spec);
      runtime.send({ type: 'runtime.specified', spec: specRefOf(award.spec) });
    }
    forgetOld();
    tell();
  };

  /**
   * What the Runtime neither runs nor may go back to is forgotten, or every configuration would leave something behind.
   * Until then attempts accepted under an earlier wish may still end on that engine.
   */
  const forgetOld = (): void => {
    const { wanted, spec, proven } = runtime.getSnapshot().context;
    const hashes = new Set([wanted, spec, proven, award?.spec].map((one) => one?.specHash));
    for (const hash of control.specs.keys()) if (!hashes.has(hash)) control.specs.delete(hash);
    const wishes = sitters.flatMap((one) => one.spec ?? []);
    const keys = new Set([...control.specs.values(), ...wishes].map(runtimeKey));
    for (const one of sitters) for (const key of one.wanted) if (!keys.has(key)) one.wanted.delete(key);
    for (const key of hopeless.keys()) if (!keys.has(key)) hopeless.delete(key);
  };

  const drainIfIdle = (): void => {
    const snapshot = runtime.getSnapshot();
    if (snapshot.status !== 'active' || !snapshot.matches({ live: 'draining' })) return;
    if (sitters.every(({ isIdle }) => isIdle)) runtime.send({ type: 'jobs.drained' });
  };

  /** Going back to what served before is right for the network that wanted that, and for no other. */
  const isItsOwn = (at: number, running: RuntimeSpec): boolean =>
    sitters[at]?.wanted.has(runtimeKey(running)) === true || running.origin.network === names[at]?.();

  /** What is given up leaves the Runtime to the next network that wants another one. */
  const passOn = (): void => {
    const snapshot = runtime.getSnapshot();
    const found = givenUpOf(snapshot.context, snapshot.matches('quarantined'));
    if (found === undefined || award === undefined) return;
    const running = runningSpec();
    if (!snapshot.matches('quarantined') && running !== undefined && isItsOwn(award.holder, running)) return;
    const key = runtimeKey(award.spec);
    const isOtherWanted = sitters.some(
      (one) => one.spec !== undefined && runtimeKey(one.spec) !== key && hopeOf(one) === undefined,
    );
    if (!isOtherWanted) return;
    hopeless.set(key, { ...found, models: specRefOf(award.spec).models, kept: [] });
    decide();
  };

  runtime.subscribe((snapshot) => {
    const isReady = snapshot.matches({ live: 'ready' });
    const slots = runningSpec()?.maxConcurrent;
    // Those of the engine that serves, not of the one that is wanted.
    if (isReady && !wasReady && slots !== undefined) resize(slots);
    wasReady = isReady;
    if (snapshot.matches({ live: 'draining' })) queueMicrotask(drainIfIdle);
    if (snapshot.matches('quarantined') || snapshot.context.rejected !== null) queueMicrotask(passOn);
    tell();
  });

  const viewOf = (sitter: Sitter, at: number): SeatView => {
    const running = runningSpec();
    return viewSeat({
      spec: sitter.spec,
      isSharer: award?.sharers.includes(at) === true,
      holder: award === undefined ? undefined : names[award.holder]?.(),
      running,
      isRunningItsOwn: running !== undefined && isItsOwn(at, running),
      runtime: runtime.getSnapshot(),
      hopeless: hopeOf(sitter),
    });
  };

  const want = (sitter: Sitter, spec: RuntimeSpec | undefined): void => {
    const before = sitter.spec;
    sitter.spec = spec;
    sitter.hasSpoken = true;
    if (spec !== undefined) {
      sitter.isFree = false;
      sitter.wanted.add(runtimeKey(spec));
      if (spec.specHash !== before?.specHash) hopeless.delete(runtimeKey(spec));
    }
    decide();
  };

  const seatOf = (sitter: Sitter, at: number): RuntimeSeat => ({
    want: (spec) => want(sitter, spec),
    rest(isIdle) {
      sitter.isIdle = isIdle;
      drainIfIdle();
    },
    view: () => viewOf(sitter, at),
    follow(listener) {
      sitter.listeners.add(listener);
      return () => void sitter.listeners.delete(listener);
    },
    mayUse(digest) {
      const running = runningSpec();
      if (running?.models.some((model) => model.digest === digest) !== true) return false;
      return isItsOwn(at, running);
    },
    free() {
      sitter.isFree = true;
      // One that has not come so far does not keep the GPU from its owner: what it wants is started when it does.
      if (isClosed || sitters.some(({ hasSpoken, isFree }) => hasSpoken && !isFree)) return;
      runtime.send({ type: 'runtime.cleared' });
    },
    leave() {
      sitter.isIdle = true;
      sitter.isFree = true;
      want(sitter, undefined);
      queueMicrotask(drainIfIdle);
    },
  });

  return {
    seats: sitters.map(seatOf),
    hasHopeless: () => hopeless.size > 0,
    forgive() {
      hopeless.clear();
      decide();
    },
    close() {
      isClosed = true;
      clearTimeout(patience);
    },
  };
};
