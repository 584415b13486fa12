// What an action is called on a chart. Named actions keep their name; XState's own say what they send, and to whom.

export interface NamedPart {
  readonly type: string;
}

export interface ActionModel {
  /** The implementation's name, or XState's name of a built-in: `sendTo`, `raise`, `emit`, `spawnChild`, … */
  readonly name: string;
  /** Fixed recipient, event type or actor of a built-in; absent when it is computed. */
  readonly subject?: string;
  /** True for an anonymous function: a chart cannot tell what it does. */
  readonly inline?: true;
}

/** The properties XState hangs on the functions that its action creators return. */
export interface BuiltIn {
  readonly type: string;
  readonly to?: unknown;
  readonly event?: unknown;
  readonly src?: unknown;
  readonly actorRef?: unknown;
  readonly sendId?: unknown;
  readonly id?: unknown;
  readonly delay?: unknown;
}

/** The built-in behind an action, or undefined for a name, an object or a plain function. */
export const builtIn = (action: unknown): BuiltIn | undefined =>
  typeof action === 'function' && 'resolve' in action ? (action as unknown as BuiltIn) : undefined;

/** True for the `raise` and `cancel` that XState itself adds to a state with an `after`. */
export const isTimerBookkeeping = (action: unknown): boolean => {
  const found = builtIn(action);
  if (found?.type === 'xstate.raise') return eventType(found.event)?.startsWith('xstate.after.') ?? false;
  if (found?.type === 'xstate.cancel') return String(found.sendId).startsWith('xstate.after.');
  return false;
};

const eventType = (event: unknown): string | undefined =>
  typeof event === 'object' && event !== null && 'type' in event ? String(event.type) : undefined;

const subjectOf = (found: BuiltIn): string | undefined => {
  switch (found.type) {
    case 'xstate.raise':
    case 'xstate.emit':
      return eventType(found.event);
    case 'xstate.sendTo': {
      const to = typeof found.to === 'string' ? found.to : undefined;
      const event = eventType(found.event);
      return to === undefined || event === undefined ? (to ?? event) : `${event} to ${to}`;
    }
    case 'xstate.spawnChild':
      return typeof found.src === 'string' ? found.src : undefined;
    case 'xstate.stopChild':
      return typeof found.actorRef === 'string' ? found.actorRef : undefined;
    case 'xstate.cancel':
      return typeof found.sendId === 'string' ? found.sendId : undefined;
    default:
      return undefined;
  }
};

/** Built-ins whose name alone tells enough; the others need a fixed subject, or a name in `setup`. */
const TELLING = new Set(['stopChild', 'cancel']);

export const describeAction = (action: unknown): ActionModel => {
  if (typeof action === 'string') return { name: action };
  const found = builtIn(action);
  if (found) {
    const name = found.type.replace(/^xstate\./, '');
    const subject = subjectOf(found);
    if (subject !== undefined) return { name, subject };
    return TELLING.has(name) ? { name } : { name, inline: true };
  }
  if (typeof action === 'function') return { name: '(inline)', inline: true };
  return { name: (action as NamedPart).type };
};
