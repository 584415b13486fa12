// The head of the console: which node this is, how it is, where to go.
import './console-head.css';
import { Badge } from '../../look/badge.js';
import { Button } from '../../look/button.js';
import { Tabs } from '../../look/tabs.js';
import { ThemeSwitch } from '../../look/theme-switch.js';
import type { FeedStore } from '../feed/feed-store.js';
import { toneOfStage } from '../words/tones.js';
import { Brand } from './brand.js';
import { hrefOf } from './route.js';
import { VIEWS } from './views.js';

interface ConsoleHeadProps {
  readonly feed: FeedStore;
  readonly current: string;
  readonly onLeave: () => void;
}

const TABS = VIEWS.map(({ id, title }) => ({ id, title, href: hrefOf(id) }));

export const ConsoleHead = ({ feed, current, onLeave }: ConsoleHeadProps) => (
  <header class="head">
    <div class="head-node">
      <Brand name="Resultity Node" />
      <NodeName feed={feed} />
    </div>
    <Tabs label="Views" tabs={TABS} current={current} />
    <div class="head-aside">
      <Presence feed={feed} />
      <ThemeSwitch />
      <Button kind="bare" onClick={onLeave} title="Forget the token in this tab">
        Close
      </Button>
    </div>
  </header>
);

const NodeName = ({ feed }: { readonly feed: FeedStore }) => {
  const nodeId = feed.status.value?.nodeId ?? null;
  if (nodeId === null) return null;
  return (
    <code class="head-id" title={nodeId}>
      {nodeId.length > 14 ? `${nodeId.slice(0, 6)}…${nodeId.slice(-4)}` : nodeId}
    </code>
  );
};

const Presence = ({ feed }: { readonly feed: FeedStore }) => {
  const { kind } = feed.connection.value;
  const stage = feed.status.value?.stage;
  return (
    <span class="head-presence" role="status">
      {kind === 'live' && stage !== undefined ? (
        <Badge tone={toneOfStage(stage)} isLive={stage === 'executing'}>
          {stage}
        </Badge>
      ) : (
        <Badge tone={kind === 'gone' ? 'bad' : 'idle'}>{kind === 'gone' ? 'no answer' : 'connecting'}</Badge>
      )}
    </span>
  );
};
