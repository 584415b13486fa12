// Which events could happen to a machine right now: those its active states listen to, in every variant the test
// names, as far as the world allows them (only a running service settles, only a waiting timer fires).
import type { AnyMachineSnapshot, EventObject } from 'xstate';
import type { Rig } from './rig.js';

type Variants<T> = readonly T[] | ((snapshot: AnyMachineSnapshot) => readonly T[]);

/** What an actor's end may bring; `type` names the actor where the machine listens with a wildcard. */
interface ActorEnd {
  readonly type?: string;
  readonly actorId?: string;
  readonly output?: unknown;
  readonly error?: unknown;
}

/** For each event type the payloads to try, without `type`; a wildcard's payloads bring their own `type`. */
export type Payloads<E extends EventObject> = {
  readonly [T in E['type']]?: Variants<Omit<Extract<E, { type: T }>, 'type'>>;
} & { readonly [T in `xstate.${string}`]?: Variants<ActorEnd> };

/** Two events are the same when they read alike; errors, which JSON empties, by class and message. */
export const eventKey = (event: EventObject): string =>
  JSON.stringify(event, (_key, value: unknown) => {
    if (value instanceof Error) return { ...value, name: value.name, message: value.message };
    return typeof value === 'bigint' ? `${value}n` : value;
  });

const isWildcard = (type: string): boolean => type === '*' || type.endsWith('.*');

/** Raised by the machine itself, never from outside. */
const isInternal = (type: string): boolean =>
  type.startsWith('xstate.done.state.') || type === 'xstate.route';

/** @param timers `inOrder` lets only the soonest timer fire */
export const candidateEvents = (
  rig: Rig,
  payloads: Payloads<EventObject>,
  timers: 'any' | 'inOrder',
): EventObject[] => {
  const { snapshot } = rig;
  if (snapshot.status !== 'active') return [];
  const types = new Set(snapshot._nodes.flatMap((node) => [...node.transitions.keys()]));
  const variants = payloads as Readonly<Record<string, Variants<object> | undefined>>;
  const events = [...types]
    .filter((type) => !isInternal(type))
    .flatMap((type): EventObject[] => {
      const given = variants[type];
      if (!given) return isWildcard(type) ? [] : [{ type }];
      return (typeof given === 'function' ? given(snapshot) : given).map((payload) => ({ type, ...payload }));
    });
  const unique = [...new Map(events.map((event) => [eventKey(event), event])).values()];
  return unique.filter((event) => canHappen(rig, event, timers));
};

/** True when the world allows the event now and some transition answers it. */
export const canHappen = (rig: Rig, event: EventObject, timers: 'any' | 'inOrder'): boolean =>
  rig.snapshot.status === 'active' && isPossible(rig, event, timers) && isHandled(rig.snapshot, event);

const isPossible = (rig: Rig, event: EventObject, timers: 'any' | 'inOrder'): boolean => {
  const settled = /^xstate\.(?:done|error)\.actor\.(.+)$/.exec(event.type);
  if (settled) return rig.running().some((service) => service.id === settled[1]);
  if (!event.type.startsWith('xstate.after.')) return true;
  const pending = rig.clock.pending();
  return (timers === 'inOrder' ? pending.slice(0, 1) : pending).some(
    (timer) => timer.eventType === event.type,
  );
};

const isHandled = (snapshot: AnyMachineSnapshot, event: EventObject): boolean => {
  try {
    return snapshot.machine.getTransitionData(snapshot, event).length > 0;
  } catch {
    return true; // a guard throws: let it kill the machine where the walk can tell the path
  }
};
