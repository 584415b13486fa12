// The console of one node: head, views, and the feed that fills them.
import './console.css';
import { useEffect, useMemo } from 'preact/hooks';
import { Button } from '../../look/button.js';
import { createNodeApi } from '../api/node-api.js';
import { createFeedStore } from '../feed/feed-store.js';
import { followJobLines } from '../feed/job-lines.js';
import { createInspectorState } from '../inspector/inspector-state.js';
import { ConnectionNotice } from './connection-notice.js';
import { ConsoleHead } from './console-head.js';
import { route } from './current-route.js';
import type { NodeAccess } from './node-access.js';
import { viewOf } from './views.js';

interface ConsoleProps {
  readonly token: string;
  readonly onRefused: () => void;
  readonly onLeave: () => void;
}

export const Console = ({ token, onRefused, onLeave }: ConsoleProps) => {
  const { node, close } = useMemo(() => openNode(token), [token]);
  useEffect(() => close, [close]);
  const connection = node.feed.connection.value;
  useEffect(() => {
    if (connection.kind === 'refused') onRefused();
  }, [connection.kind, onRefused]);

  const view = viewOf(route.value.view);
  useEffect(() => {
    document.title = `${view.title} · Resultity Node`;
  }, [view]);
  const isKnown = node.feed.state.value !== null;
  return (
    <>
      <Button class="skip" onClick={goToMain}>
        Skip to the content
      </Button>
      <ConsoleHead feed={node.feed} current={view.id} onLeave={onLeave} />
      <main id="main" class="main" tabIndex={-1}>
        <ConnectionNotice feed={node.feed} />
        {isKnown ? <view.View node={node} /> : null}
      </main>
    </>
  );
};

// No link: the address's hash is the view's.
const goToMain = (): void => document.getElementById('main')?.focus();

const openNode = (token: string): { readonly node: NodeAccess; readonly close: () => void } => {
  const api = createNodeApi(token);
  const feed = createFeedStore(token, api);
  const { lines, close } = followJobLines(api, feed);
  return {
    node: { api, feed, lines, inspector: createInspectorState(feed.state) },
    close: () => {
      close();
      feed.close();
    },
  };
};
