// Says when the node is gone, since when, and that what is shown is what was last heard.
import { Button } from '../../look/button.js';
import { ago, clockTime } from '../../look/durations.js';
import { EmptyState } from '../../look/empty-state.js';
import { Notice } from '../../look/notice.js';
import type { FeedStore } from '../feed/feed-store.js';

export const ConnectionNotice = ({ feed }: { readonly feed: FeedStore }) => {
  const connection = feed.connection.value;
  const puzzle = feed.puzzle.value;
  if (connection.kind === 'gone') return <Gone feed={feed} sinceMs={connection.sinceMs} />;
  if (puzzle !== null) {
    return (
      <Notice
        tone="warn"
        title="The node says something this page does not understand."
        code={puzzle}
        advice="Load the page again: the node may have been updated meanwhile."
      />
    );
  }
  return connection.kind === 'connecting' ? <EmptyState title="Asking the node …" /> : null;
};

const Gone = ({ feed, sinceMs }: { readonly feed: FeedStore; readonly sinceMs: number }) => (
  <Notice
    isUrgent
    tone="bad"
    title="The node does not answer."
    advice="It is asked again by itself. Whether it runs: `resultity-node status`."
  >
    <p>
      {feed.state.value === null ? 'Nothing was heard of it yet. ' : 'Below is what was last heard of it. '}
      <Since feed={feed} sinceMs={sinceMs} />
      <Button kind="bare" onClick={feed.retry}>
        Ask now
      </Button>
    </p>
  </Notice>
);

// Apart, and not live: an alert that counts seconds would be read out every second.
const Since = ({ feed, sinceMs }: { readonly feed: FeedStore; readonly sinceMs: number }) => {
  feed.nowMs.value; // moves this text once a second
  return (
    <span aria-hidden="true">
      Silent since {clockTime(sinceMs)}, {ago(sinceMs, Date.now())}.{' '}
    </span>
  );
};
