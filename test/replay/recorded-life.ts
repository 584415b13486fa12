// A recorded life of the courier, a machine with everything a chart can have.
import { type AnyStateMachine, createActor, type EventObject, fromCallback, fromPromise } from 'xstate';
import { chartDigests } from '../../src/replay/chart-digest.js';
import type { RecordingLine } from '../../src/replay/recording-lines.js';
import {
  type ReplayOptions,
  type ReplayOutcome,
  replayRecording,
} from '../../src/replay/replay-recording.js';
import { watchMachines } from '../../src/replay/watch-machines.js';

export const headerOf = (machine: AnyStateMachine): string =>
  JSON.stringify({
    kind: 'recording',
    schemaVersion: 1,
    agentVersion: '0.0.0',
    startedMs: 0,
    charts: chartDigests({ [machine.id]: machine }),
  });

/** @returns the lines of the recording; services of the machine never answer */
export const recordLife = (
  machine: AnyStateMachine,
  input: unknown,
  events: readonly EventObject[],
): readonly string[] => {
  const lines: RecordingLine[] = [];
  let nowMs = 0;
  const silent = Object.fromEntries(
    Object.entries(machine.implementations.actors).map(([name, logic]) => [
      name,
      'start' in (logic as object) ? fromCallback(() => undefined) : fromPromise(() => new Promise(() => {})),
    ]),
  );
  const actor = createActor(machine.provide({ actors: silent }), {
    input,
    inspect: watchMachines(
      (line) => lines.push(line),
      () => nowMs++,
    ),
  });
  actor.start();
  for (const event of events) actor.send(event);
  actor.stop();
  return [headerOf(machine), ...lines.map((line) => JSON.stringify(line))];
};

export const replay = (
  lines: readonly string[],
  machine: AnyStateMachine,
  options: Partial<ReplayOptions> = {},
): Promise<ReplayOutcome> => {
  const machines = { [machine.id]: machine };
  async function* each(): AsyncGenerator<string> {
    yield* lines;
  }
  return replayRecording(each(), { machines, charts: chartDigests(machines), ...options });
};
