// Turns what XState's inspector sees into the lines of a recording.
import type { AnyMachineSnapshot, InspectionEvent } from 'xstate';
import { plainValue } from './plain-value.js';
import type { RecordingLine, Standing } from './recording-lines.js';

const isOfMachine = (snapshot: unknown): snapshot is AnyMachineSnapshot =>
  typeof snapshot === 'object' && snapshot !== null && 'machine' in snapshot;

/** Only what changed: a context may be large, and most events change little of it. */
const standingOf = (snapshot: AnyMachineSnapshot, before: object): Standing => {
  const context = snapshot.context as Record<string, unknown>;
  const old = before as Record<string, unknown>;
  const changed = Object.keys(context).filter((name) => context[name] !== old[name]);
  const gone = Object.keys(old).filter((name) => !(name in context));
  return {
    value: snapshot.value,
    status: snapshot.status,
    ...(changed.length > 0 && {
      context: plainValue(Object.fromEntries(changed.map((name) => [name, context[name]]))) as Record<
        string,
        unknown
      >,
    }),
    ...(gone.length > 0 && { gone }),
  };
};

/**
 * @param write gets each line as it happens; must not throw
 * @param nowMs milliseconds since the recording began
 * @returns the observer for `createActor(…, { inspect })` of every root, from its creation on
 */
export const watchMachines = (
  write: (line: RecordingLine) => void,
  nowMs: () => number,
): ((event: InspectionEvent) => void) => {
  /** The context of each living statechart, as it was last written down. */
  const contexts = new Map<string, object>();

  return (observed) => {
    if (observed.type !== '@xstate.snapshot' || !isOfMachine(observed.snapshot)) return;
    const { snapshot, event, actorRef } = observed;
    const {
      sessionId,
      id,
      _parent: parent,
    } = actorRef as typeof actorRef & {
      readonly id: string;
      readonly _parent?: { readonly sessionId: string };
    };
    const known = contexts.get(sessionId);
    const at = nowMs();
    if (known === undefined) {
      write({
        kind: 'actor',
        at,
        actor: sessionId,
        parent: parent?.sessionId ?? null,
        id,
        machine: snapshot.machine.id,
        input: plainValue((event as { readonly input?: unknown }).input),
        ...standingOf(snapshot, {}),
      });
    } else {
      write({
        kind: 'event',
        at,
        actor: sessionId,
        event: plainValue(event) as { type: string },
        ...standingOf(snapshot, known),
      });
    }
    if (snapshot.status === 'active') contexts.set(sessionId, snapshot.context);
    else contexts.delete(sessionId);
  };
};
