// What several machines promise alike, as invariants for a walk.
import assert from 'node:assert/strict';
import type { AnyMachineSnapshot } from 'xstate';
import type { Rig } from '../rig.js';

interface Seen {
  readonly rig: Rig;
  readonly snapshot: AnyMachineSnapshot;
}

/** A service runs exactly once while the machine is in a state, and never elsewhere. */
export const runsExactlyIn =
  (src: string, isIn: (snapshot: AnyMachineSnapshot) => boolean) =>
  ({ rig, snapshot }: Seen): void =>
    assert.equal(rig.running(src).length, isIn(snapshot) ? 1 : 0, `${src} runs`);

/** Of these services one runs at most. */
export const oneAtATime =
  (...sources: readonly string[]) =>
  ({ rig }: Seen): void =>
    assert.ok(
      sources.flatMap((src) => rig.running(src)).length <= 1,
      `together: ${sources.flatMap((src) => rig.running(src).map(({ id }) => id)).join(', ')}`,
    );

/** How many services of a name have ended well. */
export const doneCount = (rig: Rig, src: string): number =>
  rig.services.filter((service) => service.src === src && service.ended === 'done').length;

/** The value of a state as one path: `live.ready`. */
export const pathOf = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : Object.entries(value as Record<string, unknown>)
        .map(([key, inner]) => {
          const rest = pathOf(inner);
          return rest === '' ? key : `${key}.${rest}`;
        })
        .join(' ');
