// Money: what each namespace has, who may spend it, and every movement.
import { Button } from '../../look/button.js';
import { Card } from '../../look/card.js';
import { EmptyState } from '../../look/empty-state.js';
import { Table } from '../../look/table.js';
import { useLive } from '../api/use-live.js';
import { useOlder } from '../api/use-older.js';
import type { ViewProps } from '../shell/network-access.js';
import { AccountsCard } from './accounts-card.js';
import { type EntryRow, entryColumns } from './entry-columns.js';
import { KeysCard } from './keys-card.js';

const PAGE = 50;

export const LedgerView = ({ network }: ViewProps) => (
  <>
    <div class="split split-even">
      <AccountsCard network={network} />
      <KeysCard network={network} />
    </div>
    <Entries network={network} />
  </>
);

const Entries = ({ network: { api, nowMs } }: ViewProps) => {
  const live = useLive('ledger', () => api.call('ledger', { limit: PAGE }));
  const older = useOlder<EntryRow>('ledger', live.value?.next ?? null, async (before) => {
    const { entries, next } = await api.call('ledger', { limit: PAGE, before });
    return { rows: entries.toReversed(), next };
  });
  const rows = [...(live.value?.entries.toReversed() ?? []), ...older.rows];
  return (
    <Card title="Entries" aside="newest first">
      {rows.length === 0 ? (
        <EmptyState
          title={live.value === undefined ? 'Asking for the entries …' : 'Nothing has moved yet.'}
        />
      ) : (
        <Table
          caption="Movements of credits, newest first"
          columns={entryColumns(nowMs, true)}
          rows={rows}
          keyOf={({ id }) => id}
        />
      )}
      {older.next === null ? null : (
        <div class="more">
          <Button onClick={older.more} disabled={older.isBusy}>
            Show older ones
          </Button>
        </div>
      )}
    </Card>
  );
};
