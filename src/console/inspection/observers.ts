// Everybody who watches the node's statecharts, behind the one `inspect` function that XState takes. What an `inspect`
// function throws escapes from `actor.send()`: here nothing does.
import type { InspectionEvent } from 'xstate';

export type Observer = (event: InspectionEvent) => void;

export interface Observers {
  /** For the roots' `inspect`; never throws. */
  readonly observe: Observer;
  /** Whether anybody watches. Roots made while nobody does are given no `inspect` at all: that costs nothing. */
  readonly isWatched: boolean;
  /**
   * An actor is announced once, when it is made: who wants them all is added before the roots are.
   * @param name for the log, should it fail
   * @returns how to stop observing
   */
  add(observer: Observer, name?: string): () => void;
}

/**
 * @param onFailure told once of each observer that threw, which is asked no more
 */
export const createObservers = (
  onFailure: (name: string, error: unknown) => void = () => undefined,
): Observers => {
  // Replaced, never changed: one may leave, or another come, while they are being told.
  let observers: readonly { readonly observer: Observer; readonly name: string }[] = [];

  const drop = (observer: Observer): void => {
    observers = observers.filter((one) => one.observer !== observer);
  };

  return {
    get isWatched() {
      return observers.length > 0;
    },
    observe: (event) => {
      for (const { observer, name } of observers) {
        try {
          observer(event);
        } catch (error) {
          drop(observer);
          onFailure(name, error);
        }
      }
    },
    add: (observer, name = 'observer') => {
      const added: Observer = (event) => observer(event);
      observers = [...observers, { observer: added, name }];
      return () => drop(added);
    },
  };
};
