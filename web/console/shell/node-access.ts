// What every view is given: the node's feed and journal to read, and its API to ask and order.
import type { ReadonlySignal } from '@preact/signals';
import type { JobLine } from '../../../src/console/node-view.js';
import type { NodeApi } from '../api/node-api.js';
import type { FeedStore } from '../feed/feed-store.js';
import type { InspectorState } from '../inspector/inspector-state.js';

export interface NodeAccess {
  /** Records from the first word of the feed on, whichever view is open. */
  readonly inspector: InspectorState;
  readonly api: NodeApi;
  readonly feed: FeedStore;
  /** What the journal has of the latest jobs, newest first. */
  readonly lines: ReadonlySignal<readonly JobLine[]>;
}

export interface ViewProps {
  readonly node: NodeAccess;
}
