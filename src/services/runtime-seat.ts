// One network's seat at the desk of the daemon's one Runtime: what it may say there, and what it sees.
import type { SnapshotFrom } from 'xstate';
import type { RuntimeSpec } from '../adapters/runtime/runtime-driver.js';
import type { Failure } from '../errors.js';
import { type GivenUp, givenUpOf } from '../machines/runtime/given-up.js';
import type { runtimeMachine } from '../machines/runtime-machine.js';
import { runtimeKey } from './award-runtime.js';

/** What one network has of the Runtime now. */
export interface SeatView {
  /** Digests of the models that are served; undefined while the Runtime does not serve this network. */
  readonly served: readonly string[] | undefined;
  /** What it wants does not work. */
  readonly givenUp: GivenUp | undefined;
  /** The Runtime works for another network. */
  readonly taken: Failure | undefined;
  /** Whether it works for this network, ready or on its way. */
  readonly hasRuntime: boolean;
  /** The network by whose wish it runs. */
  readonly holder: string | undefined;
}

export interface RuntimeSeat {
  /** The spec wanted now; undefined for none. A seat that has not said so yet is waited for a little. */
  want(spec: RuntimeSpec | undefined): void;
  /** Whether this network's attempts leave the engine alone. */
  rest(isIdle: boolean): void;
  view(): SeatView;
  /** @param listener called after each change. @returns how to stop */
  follow(listener: () => void): () => void;
  /** Whether an attempt of this network on that model may go to the engine that is up. */
  mayUse(modelDigest: string): boolean;
  /** The owner wants the GPU: once no network of the node has a use for it, nothing may keep it. */
  free(): void;
  /** Wants nothing and is not waited for: its node has ended. */
  leave(): void;
}

const takenBy = (name: string): Failure => ({
  code: 'RUNTIME_TAKEN',
  message: `the Runtime serves ${name}: your order prefers it`,
  retryable: true,
  advice:
    'Nothing is wrong. To prefer this network, name it first in the settings; to share, both must ask for the same engine.',
});

interface SeatFacts {
  /** Wanted now. */
  readonly spec: RuntimeSpec | undefined;
  /** It is one of those whom the award names. */
  readonly isSharer: boolean;
  /** By whose wish the Runtime runs; undefined while nobody wants it. */
  readonly holder: string | undefined;
  /** Under way or up. */
  readonly running: RuntimeSpec | undefined;
  /** This network has wanted what is running, now or before. */
  readonly isRunningItsOwn: boolean;
  readonly runtime: SnapshotFrom<typeof runtimeMachine>;
  /** What it wants was given up, and the Runtime passed on. */
  readonly hopeless: GivenUp | undefined;
}

export const viewSeat = (facts: SeatFacts): SeatView => {
  const { spec, isSharer, holder, running, runtime, hopeless } = facts;
  // While another Runtime is prepared, or taken up again, the one that is up may be what this network wants.
  const fits =
    spec !== undefined &&
    running !== undefined &&
    runtime.matches('live') &&
    runtimeKey(running) === runtimeKey(spec);
  const isServed = (fits || (isSharer && facts.isRunningItsOwn)) && runtime.matches({ live: 'ready' });
  const isTaken = holder !== undefined && spec !== undefined && !isSharer && !fits && hopeless === undefined;
  return {
    hasRuntime: isSharer || fits,
    holder,
    served: isServed ? (runtime.context.spec?.models ?? []) : undefined,
    givenUp: isSharer
      ? givenUpOf(runtime.context, runtime.matches('quarantined'))
      : fits
        ? undefined
        : hopeless,
    taken: isTaken ? takenBy(holder) : undefined,
  };
};
