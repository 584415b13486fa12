// Plays a recording back, statechart by statechart, to its end or to the first difference.
import type { AnyStateMachine } from 'xstate';
import { parseHeader, parseLine, RecordingError, type RecordingHeader } from './recording-lines.js';
import { type Deviation, type ReplayedActor, replayActor } from './replay-actor.js';

export interface ReplayDifference {
  /** From 1. */
  readonly line: number;
  /** Milliseconds since the recording began. */
  readonly atMs: number;
  readonly machine: string;
  readonly actor: string;
  readonly id: string;
  readonly event: string;
  /** Empty when the statechart failed over the event. */
  readonly deviations: readonly Deviation[];
  readonly error?: string;
}

export interface ReplayOutcome {
  readonly header: RecordingHeader;
  /** Statecharts drawn otherwise now than when the recording was made. */
  readonly otherCharts: readonly string[];
  readonly lines: number;
  readonly events: number;
  readonly actors: number;
  /** The simulated clock at the end: milliseconds since the recording began. */
  readonly untilMs: number;
  /** Why the recording ends early; null when it does not say. */
  readonly ended: string | null;
  /** The last line is not whole: the node was killed while writing it. */
  readonly isTorn: boolean;
  readonly difference: ReplayDifference | null;
}

export interface ReplayOptions {
  /** Statecharts by the name they have in a recording. */
  readonly machines: Readonly<Record<string, AnyStateMachine>>;
  /** Digest of each one's drawing. */
  readonly charts: Readonly<Record<string, string>>;
  /** Last line to replay. */
  readonly until?: number;
  /** Only statecharts of this name, id or session. */
  readonly actor?: string;
  readonly onProgress?: (line: number) => void;
}

interface Living {
  readonly machine: string;
  readonly id: string;
  readonly replayed: ReplayedActor;
}

/**
 * @param lines of the file, without their ends; the last one may be torn
 * @throws RecordingError the file is no recording, or a line in its middle is damaged
 */
export const replayRecording = async (
  lines: AsyncIterable<string>,
  options: ReplayOptions,
): Promise<ReplayOutcome> => {
  const replay = new Replay(options);
  // One line behind, to know which is the last.
  let held: string | undefined;
  for await (const line of lines) {
    if (held !== undefined && !replay.take(held, false)) return replay.outcome();
    held = line;
  }
  if (held !== undefined && held !== '') replay.take(held, true);
  return replay.outcome();
};

class Replay {
  #header: RecordingHeader | undefined;
  #lines = 0;
  #events = 0;
  #actors = 0;
  #untilMs = 0;
  #ended: string | null = null;
  #isTorn = false;
  #difference: ReplayDifference | null = null;
  readonly #living = new Map<string, Living>();
  readonly #options: ReplayOptions;

  constructor(options: ReplayOptions) {
    this.#options = options;
  }

  /** @returns whether to go on */
  take(text: string, isLast: boolean): boolean {
    const number = this.#lines + 1;
    if (number > (this.#options.until ?? Number.POSITIVE_INFINITY)) return false;
    if (this.#header === undefined) {
      this.#header = parseHeader(text);
    } else if (isLast && isTorn(text)) {
      this.#isTorn = true;
      return false;
    } else {
      this.#play(text, number);
    }
    this.#lines = number;
    this.#options.onProgress?.(number);
    return this.#difference === null;
  }

  outcome(): ReplayOutcome {
    const header = this.#header;
    if (header === undefined) throw new RecordingError('the file is empty');
    return {
      header,
      otherCharts: Object.keys(header.charts).filter(
        (name) => header.charts[name] !== this.#options.charts[name],
      ),
      lines: this.#lines,
      events: this.#events,
      actors: this.#actors,
      untilMs: this.#untilMs,
      ended: this.#ended,
      isTorn: this.#isTorn,
      difference: this.#difference,
    };
  }

  #play(text: string, number: number): void {
    const line = parseLine(text, number);
    this.#untilMs = line.at;
    if (line.kind === 'end') {
      this.#ended = line.reason;
      return;
    }
    const { actor } = line;
    const found = this.#living.get(actor);
    const about =
      line.kind === 'actor'
        ? { machine: line.machine, id: line.id, event: 'xstate.init' }
        : { machine: found?.machine ?? '', id: found?.id ?? '', event: line.event.type };
    const differ = (deviations: readonly Deviation[], error?: string): void => {
      this.#difference = {
        line: number,
        atMs: line.at,
        actor,
        ...about,
        deviations,
        ...(error === undefined ? {} : { error }),
      };
    };
    try {
      if (line.kind === 'actor') {
        if (!this.#isWanted(line)) return;
        const machine = this.#options.machines[line.machine];
        if (machine === undefined) {
          throw new RecordingError(
            `line ${number}: no statechart is called '${line.machine}' in this version`,
            {
              advice: `Replay it with the version that made it: ${this.#header?.agentVersion}.`,
            },
          );
        }
        const replayed = replayActor(machine, line);
        this.#actors++;
        this.#living.set(actor, { machine: line.machine, id: line.id, replayed });
        if (replayed.atBirth.length > 0) differ(replayed.atBirth);
      } else if (found !== undefined) {
        const deviations = found.replayed.take(line);
        this.#events++;
        if (deviations.length > 0) differ(deviations);
        if (line.status !== 'active') this.#living.delete(actor);
      }
    } catch (error) {
      if (error instanceof RecordingError) throw error;
      differ([], error instanceof Error ? error.message : String(error));
    }
  }

  #isWanted({ machine, id, actor }: { machine: string; id: string; actor: string }): boolean {
    const wanted = this.#options.actor;
    return wanted === undefined || [machine, id, actor].includes(wanted);
  }
}

const isTorn = (text: string): boolean => {
  try {
    JSON.parse(text);
    return false;
  } catch {
    return true;
  }
};
