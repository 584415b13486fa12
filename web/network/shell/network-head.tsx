// The head of the page: which network this is, how it is, where to go.
import '../../console/shell/console-head.css';
import './network-head.css';
import { Brand } from '../../console/shell/brand.js';
import { hrefOf } from '../../console/shell/route.js';
import { counted } from '../../look/amounts.js';
import { Badge } from '../../look/badge.js';
import { Button } from '../../look/button.js';
import { Tabs } from '../../look/tabs.js';
import { ThemeSwitch } from '../../look/theme-switch.js';
import type { Status } from './network-access.js';
import { VIEWS } from './views.js';

interface NetworkHeadProps {
  readonly status: Status | undefined;
  readonly isSilent: boolean;
  readonly current: string;
  readonly onLeave: () => void;
}

const TABS = VIEWS.map(({ id, title }) => ({ id, title, href: hrefOf(id) }));

export const NetworkHead = ({ status, isSilent, current, onLeave }: NetworkHeadProps) => (
  <header class="head">
    <div class="head-node">
      <Brand name="Resultity network" />
      {status === undefined ? null : (
        <h1 class="head-network" title={`chain ${status.chain_id}, trust root ${status.genesis}`}>
          {status.name}
        </h1>
      )}
    </div>
    <Tabs label="Views" tabs={TABS} current={current} />
    <div class="head-aside">
      <span class="head-presence" role="status">
        <Presence status={status} isSilent={isSilent} />
      </span>
      <ThemeSwitch />
      <Button kind="bare" onClick={onLeave} title="Forget the token in this tab">
        Close
      </Button>
    </div>
  </header>
);

const Presence = ({ status, isSilent }: Pick<NetworkHeadProps, 'status' | 'isSilent'>) => {
  if (isSilent) return <Badge tone="bad">no answer</Badge>;
  if (status === undefined) return <Badge tone="idle">connecting</Badge>;
  const running = status.jobs.running ?? 0;
  const { online } = status.nodes;
  if (status.config === null) return <Badge tone="warn">no configuration</Badge>;
  return (
    <Badge tone={online === 0 ? 'warn' : 'ok'} isLive={running > 0}>
      {counted(online, 'node')} online{running === 0 ? '' : `, ${counted(running, 'job')}`}
    </Badge>
  );
};
