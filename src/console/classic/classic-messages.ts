// What goes over the wire between the daemon and a viewer of @xstate/inspect 0.8.0. Machines, states and events travel as
// JSON inside JSON: the viewer parses each a second time. Source: packages/xstate-inspect/src/types.ts of statelyai/xstate.
import { z } from 'zod';
import type { Dialect } from '../inspection/viewers.js';
import type { ActorState, WatchedActor } from '../inspection/watch-actors.js';
import { classicEventType } from './classic-event-type.js';
import { type ClassicMachine, classicMachine, pseudoMachine } from './classic-machine.js';

/** From the viewer: it asks to be shown what there is, or wants to send an event to an actor, which nobody may here. */
export const viewerMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('xstate.inspecting') }),
  z.object({ type: z.literal('xstate.event') }),
]);
export type ViewerMessage = z.infer<typeof viewerMessage>;

/** An event as XState 4 wraps it. */
const classicEvent = z.strictObject({
  name: z.string(),
  data: z.strictObject({ type: z.string() }),
  $$type: z.literal('scxml'),
  type: z.literal('external'),
  /** Session of the sender; absent for one outside the statecharts. */
  origin: z.string().optional(),
});
type ClassicEvent = z.infer<typeof classicEvent>;

/** A state as `State.create` of XState 4 takes it: the fields it needs are all there, and empty where they could tell more. */
export const classicState = z.strictObject({
  value: z.union([z.string(), z.record(z.string(), z.unknown())]),
  context: z.record(z.string(), z.unknown()),
  event: z.strictObject({ type: z.string() }),
  _event: classicEvent,
  _sessionid: z.string(),
  actions: z.tuple([]),
  activities: z.strictObject({}),
  meta: z.strictObject({}),
  events: z.tuple([]),
  transitions: z.tuple([]),
  children: z.strictObject({}),
  done: z.boolean(),
  tags: z.array(z.string()),
});
export type ClassicState = z.infer<typeof classicState>;

/** To the viewer. */
export const classicMessage = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('service.register'),
    machine: z.string(),
    state: z.string(),
    id: z.string(),
    sessionId: z.string(),
    parent: z.string().optional(),
  }),
  z.strictObject({ type: z.literal('service.event'), event: z.string(), sessionId: z.string() }),
  z.strictObject({ type: z.literal('service.state'), state: z.string(), sessionId: z.string() }),
  z.strictObject({ type: z.literal('service.stop'), sessionId: z.string() }),
]);
export type ClassicMessage = z.infer<typeof classicMessage>;

const eventOf = (type: string, from: string | null): ClassicEvent => {
  const name = classicEventType(type);
  return {
    name,
    data: { type: name },
    $$type: 'scxml',
    type: 'external',
    ...(from !== null && { origin: from }),
  };
};

/** Of an actor without a chart: `pseudoMachine` has a state for each. */
const pseudoValue = { active: 'active', stopped: 'active', done: 'done', error: 'error' } as const;

const stateOf = (actor: WatchedActor, state: ActorState): ClassicState => {
  const event = eventOf(state.after, null);
  return {
    value: state.value ?? pseudoValue[state.status],
    context: state.context,
    event: event.data,
    _event: event,
    _sessionid: actor.session,
    actions: [],
    activities: {},
    meta: {},
    events: [],
    transitions: [],
    children: {},
    done: state.status === 'done',
    tags: [...state.tags],
  };
};

const write = (message: ClassicMessage): string => JSON.stringify(message);

/** The classic protocol: what is said of each actor. */
export const createClassicDialect = (): Dialect => {
  // One machine is provided anew for each network; its chart stays the same.
  const charts = new WeakMap<object, string>();
  const chartOf = ({ id, machine }: WatchedActor): string => {
    const text = (chart: ClassicMachine): string => JSON.stringify(chart);
    if (machine === undefined) return text(pseudoMachine(id));
    const known = charts.get(machine.config) ?? text(classicMachine(machine));
    charts.set(machine.config, known);
    return known;
  };
  return {
    began: (actor, state) =>
      write({
        type: 'service.register',
        machine: chartOf(actor),
        state: JSON.stringify(stateOf(actor, state)),
        id: actor.id,
        sessionId: actor.session,
        ...(actor.parent !== null && { parent: actor.parent }),
      }),
    received: ({ session }, from, type) =>
      write({ type: 'service.event', event: JSON.stringify(eventOf(type, from)), sessionId: session }),
    moved: (actor, state) =>
      write({
        type: 'service.state',
        state: JSON.stringify(stateOf(actor, state)),
        sessionId: actor.session,
      }),
    ended: (sessionId) => write({ type: 'service.stop', sessionId }),
  };
};
