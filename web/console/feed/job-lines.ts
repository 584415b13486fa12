// What the node's journal says of its jobs, asked again whenever the feed says that jobs have changed.
import { effect, type ReadonlySignal, signal } from '@preact/signals';
import type { JobLine } from '../../../src/console/node-view.js';
import type { NodeApi } from '../api/node-api.js';
import type { FeedStore } from './feed-store.js';

/** As many attempts as the feed tells of. */
const LIMIT = 500;
/** A busy node has changes every few milliseconds. */
const PAUSE_MS = 1_000;

export interface JobLines {
  readonly lines: ReadonlySignal<readonly JobLine[]>;
  close(): void;
}

export const followJobLines = (api: NodeApi, feed: FeedStore): JobLines => {
  const lines = signal<readonly JobLine[]>([]);
  let pause: ReturnType<typeof setTimeout> | undefined;
  let isStale = false;
  let isClosed = false;

  const ask = async (): Promise<void> => {
    isStale = false;
    try {
      const answer = await api.jobs(LIMIT);
      if (!isClosed) lines.value = answer;
    } catch {
      // The feed says that the node is gone, and asks for this again when it is back.
    }
  };
  const askSoon = (): void => {
    isStale = true;
    if (pause !== undefined) return;
    void ask();
    pause = setTimeout(() => {
      pause = undefined;
      if (isStale && !isClosed) askSoon();
    }, PAUSE_MS);
  };
  const stop = effect(() => {
    feed.jobs.value; // what it waits for
    if (feed.connection.value.kind === 'live') askSoon();
  });
  return {
    lines,
    close: () => {
      isClosed = true;
      clearTimeout(pause);
      stop();
    },
  };
};
