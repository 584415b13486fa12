// One network: head, the view that is looked at, and a word when nothing answers any more.
import { useEffect, useMemo } from 'preact/hooks';
import { route } from '../../console/shell/current-route.js';
import { Button } from '../../look/button.js';
import { clockTime } from '../../look/durations.js';
import { EmptyState } from '../../look/empty-state.js';
import { Notice } from '../../look/notice.js';
import { createNetworkApi } from '../api/network-api.js';
import { useLive } from '../api/use-live.js';
import { NetworkHead } from './network-head.js';
import { viewOf } from './views.js';

interface NetworkProps {
  readonly token: string;
  readonly onRefused: () => void;
  readonly onLeave: () => void;
}

export const Network = ({ token, onRefused, onLeave }: NetworkProps) => {
  const api = useMemo(() => createNetworkApi(token), [token]);
  const isRefused = api.isRefused.value;
  useEffect(() => {
    if (isRefused) onRefused();
  }, [isRefused, onRefused]);
  const heard = useLive('status', async () => ({ status: await api.call('status', {}), atMs: Date.now() }));
  const view = viewOf(route.value.view);
  useEffect(() => {
    document.title = `${view.title} · Resultity network`;
  }, [view]);

  const silentSinceMs = api.silentSinceMs.value;
  const { value, refusal } = heard;
  return (
    <>
      <Button class="skip" onClick={() => document.getElementById('main')?.focus()}>
        Skip to the content
      </Button>
      <NetworkHead
        status={value?.status}
        isSilent={silentSinceMs !== null}
        current={view.id}
        onLeave={onLeave}
      />
      <main id="main" class="main" tabIndex={-1}>
        {silentSinceMs === null ? null : (
          <Notice
            isUrgent
            tone="bad"
            title="The network does not answer."
            advice="It is asked again by itself. Whether it runs: `resultity-node network status`."
          >
            <p>
              Silent since {clockTime(silentSinceMs)}.
              {value === undefined ? null : ' Below is what was last heard of it.'}
            </p>
          </Notice>
        )}
        {refusal === undefined || silentSinceMs !== null ? null : (
          <Notice tone="bad" title={refusal.message} code={refusal.code} advice={refusal.advice} />
        )}
        {value === undefined ? (
          <EmptyState title="Asking the network …" />
        ) : (
          <view.View
            network={{
              api,
              status: value.status,
              nowMs: Date.now() + value.status.now_ms - value.atMs,
            }}
          />
        )}
      </main>
    </>
  );
};
