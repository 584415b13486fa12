// What the console's feed is made of, gathered from the parts that know it.
import type { FeedSources } from '../console/feed/feed-hub.js';
import type { SampleSeries } from '../console/feed/sample-series.js';
import type { NodeView } from '../console/node-view.js';
import type { ConsoleRecords } from './console-records.js';

export interface FeedParts {
  readonly view: NodeView;
  readonly samples: SampleSeries;
  readonly records: ConsoleRecords;
  readonly agentVersion: string;
  readonly machines: readonly string[];
  readonly nowMs: () => number;
}

const nothing = (): (() => void) => () => undefined;

export const feedSources = (parts: FeedParts): FeedSources => {
  const { view, samples, records, nowMs } = parts;
  const { logs, inspection } = records;
  return {
    hello: () => {
      inspection?.recorder.noticeCrashes();
      return {
        agentVersion: parts.agentVersion,
        nowMs: nowMs(),
        machines: [...parts.machines],
        inspector: inspection !== undefined,
        status: view.status(),
        actors: inspection?.recorder.living() ?? [],
        records: inspection?.recorder.recent() ?? [],
        samples: samples.list(),
        jobs: inspection?.timelines.list() ?? [],
        logs: logs.list(),
      };
    },
    status: view.status,
    jobs: () => inspection?.timelines.list() ?? [],
    onStatus: view.onChange,
    onRecord: inspection?.recorder.onRecord ?? nothing,
    onJob: inspection?.timelines.onChange ?? nothing,
    onLog: logs.onEntry,
    onSample: (listener) =>
      samples.onSample((sample) => {
        // Once a second somebody looks: that is often enough.
        inspection?.recorder.noticeCrashes();
        listener(sample);
      }),
  };
};
