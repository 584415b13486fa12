// API keys: a new one is shown once; one that is not wanted any more ends at once.
import { useSignal } from '@preact/signals';
import { ActionButton } from '../../console/orders/action-button.js';
import { ActionDialog } from '../../console/orders/action-dialog.js';
import { Badge } from '../../look/badge.js';
import { Button } from '../../look/button.js';
import { Card } from '../../look/card.js';
import { Dialog } from '../../look/dialog.js';
import { dayTime } from '../../look/durations.js';
import { EmptyState } from '../../look/empty-state.js';
import { type Column, Table } from '../../look/table.js';
import type { Answer, NetworkApi } from '../api/network-api.js';
import { useLive } from '../api/use-live.js';
import type { ViewProps } from '../shell/network-access.js';
import { NamespaceField } from './namespace-field.js';

type KeyRow = Answer<'keys.list'>['keys'][number];

const SHOWN = 200;

export const KeysCard = ({ network: { api, nowMs } }: ViewProps) => {
  const live = useLive('keys', () => api.call('keys.list', { limit: SHOWN }));
  const isMaking = useSignal(false);
  const namespace = useSignal('');
  const secret = useSignal<string | null>(null);
  const rows = live.value?.keys.toReversed() ?? [];
  const create = async (): Promise<string> => {
    const key = await api.call('keys.create', { namespace: namespace.value });
    secret.value = key.secret;
    live.again();
    return `Key ${key.key} was made.`;
  };
  return (
    <Card
      title="API keys"
      aside={
        <Button
          aria-haspopup="dialog"
          onClick={() => {
            isMaking.value = true;
          }}
        >
          New key
        </Button>
      }
    >
      {rows.length === 0 ? (
        <EmptyState title={live.value === undefined ? 'Asking for the keys …' : 'There is no API key yet.'}>
          A key spends from one namespace.
        </EmptyState>
      ) : (
        <Table
          caption="API keys, newest first"
          columns={columnsOf(api, nowMs, live.again)}
          rows={rows}
          keyOf={({ key }) => key}
        />
      )}
      {live.value?.next == null ? null : <p class="reason">Only the first {SHOWN} keys are shown here.</p>}
      {isMaking.value ? (
        <ActionDialog
          title="New API key"
          text="Whoever has it spends from its namespace. It is shown once."
          confirm="Create"
          act={create}
          onClose={() => {
            isMaking.value = false;
          }}
        >
          <NamespaceField api={api} namespace={namespace} />
        </ActionDialog>
      ) : null}
      {secret.value === null || isMaking.value ? null : (
        <Dialog
          title="The new API key"
          onClose={() => {
            secret.value = null;
          }}
        >
          <p>The network keeps its digest only: this is the one time it is shown.</p>
          <p>
            <code class="digest">{secret.value}</code>
          </p>
          <form method="dialog" class="row">
            <Button type="submit" kind="primary">
              I have it
            </Button>
          </form>
        </Dialog>
      )}
    </Card>
  );
};

const columnsOf = (api: NetworkApi, nowMs: number, again: () => void): readonly Column<KeyRow>[] => [
  {
    title: 'Key',
    isHeading: true,
    cell: ({ key, hint }) => (
      <code>
        {key}…{hint}
      </code>
    ),
  },
  { title: 'Namespace', cell: ({ namespace }) => namespace },
  { title: 'Created', cell: ({ created_ms }) => dayTime(created_ms, nowMs) },
  {
    title: 'State',
    cell: ({ key, revoked_ms }) =>
      revoked_ms === null ? (
        <ActionButton
          kind="bare"
          label="Revoke"
          of={key}
          title="Revoke this key"
          text="Programs that use it are refused from their next request on. This cannot be undone."
          confirm="Revoke"
          act={async () => {
            await api.call('keys.revoke', { key });
            again();
            return `Key ${key} is revoked.`;
          }}
        />
      ) : (
        <Badge tone="idle">revoked</Badge>
      ),
  },
];
