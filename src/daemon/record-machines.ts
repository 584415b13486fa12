// Puts together what `start --record` needs: the observer of the statecharts and the file it writes to.
import type { InspectionEvent } from 'xstate';
import { openRecordingFile } from '../adapters/recording/recording-file.js';
import { machines } from '../machines/catalog.js';
import { chartDigests } from '../replay/chart-digest.js';
import { RECORDING_SCHEMA, type RecordingHeader, type RecordingLine } from '../replay/recording-lines.js';
import { watchMachines } from '../replay/watch-machines.js';
import { AGENT_VERSION } from '../version.js';

export interface MachineRecorder {
  readonly inspect: (event: InspectionEvent) => void;
  /** Resolves when everything is in the file. */
  close(): Promise<void>;
}

export interface RecorderOptions {
  readonly path: string;
  readonly maxBytes: number;
  /** The recording ended before the node did. */
  readonly onEnd: (reason: string) => void;
}

/** @throws RecordingFileError with advice */
export const recordMachines = async ({
  path,
  maxBytes,
  onEnd,
}: RecorderOptions): Promise<MachineRecorder> => {
  const startedMs = Date.now();
  const startedMonotonicMs = performance.now();
  const nowMs = (): number => Math.round(performance.now() - startedMonotonicMs);
  const file = await openRecordingFile(path, {
    maxBytes,
    lastLine: (reason) => ({ kind: 'end', at: nowMs(), reason }) satisfies RecordingLine,
    onEnd,
  });
  const header: RecordingHeader = {
    kind: 'recording',
    schemaVersion: RECORDING_SCHEMA,
    agentVersion: AGENT_VERSION,
    startedMs,
    charts: chartDigests(machines),
  };
  file.write(header);
  const watch = watchMachines((line) => file.write(line), nowMs);
  let isBroken = false;
  return {
    inspect: (event) => {
      if (isBroken) return;
      try {
        watch(event);
      } catch (error) {
        // What an observer throws comes out of the statechart's own `send`.
        isBroken = true;
        file.finish(`an event could not be written down: ${error instanceof Error ? error.name : 'unknown'}`);
      }
    },
    close: () => file.close(),
  };
};
