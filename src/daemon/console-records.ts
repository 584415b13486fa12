// What the console keeps of the node from its first moment on: the records of its statecharts, its jobs' timelines, its
// log. Without a console there is nothing of it.
import type { Config } from '../config.js';
import { createLogRing, type LogRing } from '../console/feed/log-ring.js';
import { createFeedRecorder, type FeedRecorder } from '../console/inspection/feed-recorder.js';
import { createJobTimelines, type JobTimelines } from '../console/inspection/job-timelines.js';
import { machines } from '../machines/catalog.js';

export interface ConsoleRecords {
  readonly logs: LogRing;
  /** Undefined where the owner wants no statecharts shown. */
  readonly inspection?: { readonly recorder: FeedRecorder; readonly timelines: JobTimelines };
}

/** @param networkName of the network at this position in the owner's order */
export const createConsoleRecords = (
  { enabled, inspector }: Config['console'],
  networkName: (at: number) => string | null,
  nowMs: () => number,
): ConsoleRecords | undefined => {
  if (!enabled) return undefined;
  const logs = createLogRing();
  if (!inspector) return { logs };
  const recorder = createFeedRecorder({ machines: Object.keys(machines), nowMs });
  const timelines = createJobTimelines(networkName);
  recorder.onRecord(timelines.note);
  return { logs, inspection: { recorder, timelines } };
};
