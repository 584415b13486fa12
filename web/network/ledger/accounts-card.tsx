// Accounts and the balances of their namespaces; a new account, and credits for one that is there.
import { useSignal } from '@preact/signals';
import { parseCredits } from '../../../src/network/admin/credits.js';
import { RefusedError } from '../../console/api/refused-error.js';
import { ActionDialog } from '../../console/orders/action-dialog.js';
import { Button } from '../../look/button.js';
import { Card } from '../../look/card.js';
import { EmptyState } from '../../look/empty-state.js';
import { Field } from '../../look/field.js';
import { type Column, Table } from '../../look/table.js';
import type { Answer } from '../api/network-api.js';
import { useLive } from '../api/use-live.js';
import type { ViewProps } from '../shell/network-access.js';
import { credits } from '../words/names.js';

type Balance = Answer<'accounts.list'>['accounts'][number]['namespaces'][number];

const SHOWN = 200;

export const AccountsCard = ({ network: { api } }: ViewProps) => {
  const live = useLive('accounts', () => api.call('accounts.list', { limit: SHOWN }));
  const paying = useSignal<string | null>(null);
  const isNaming = useSignal(false);
  const name = useSignal('');
  const amount = useSignal('');
  const rows = live.value?.accounts.flatMap(({ namespaces }) => namespaces) ?? [];

  const deposit = async (namespace: string): Promise<string> => {
    const micro = parseCredits(amount.value.trim());
    if (micro === undefined) throw notAnAmount();
    const { available } = await api.call('deposit', { namespace, amount: String(micro) });
    amount.value = '';
    live.again();
    return `${namespace} has ${credits(available)} credits available.`;
  };
  const create = async (): Promise<string> => {
    const account = await api.call('accounts.create', { name: name.value.trim() });
    name.value = '';
    live.again();
    return `Account ${account.name} has the namespace ${account.namespaces[0]?.namespace}.`;
  };

  return (
    <Card
      title="Balances"
      aside={
        <Button
          aria-haspopup="dialog"
          onClick={() => {
            isNaming.value = true;
          }}
        >
          New account
        </Button>
      }
    >
      {rows.length === 0 ? (
        <EmptyState
          title={live.value === undefined ? 'Asking for the accounts …' : 'There is no account yet.'}
        >
          An account has a namespace, which pays for jobs.
        </EmptyState>
      ) : (
        <Table
          caption="Namespaces and their credits"
          columns={columnsOf((namespace) => {
            paying.value = namespace;
          })}
          rows={rows}
          keyOf={({ namespace }) => namespace}
        />
      )}
      {live.value?.next == null ? null : (
        <p class="reason">Only the first {SHOWN} accounts are shown here.</p>
      )}
      {paying.value === null ? null : (
        <ActionDialog
          title={`Credits for ${paying.value}`}
          text="They can be spent at once, and are not taken back."
          confirm="Deposit"
          act={() => deposit(paying.value ?? '')}
          onClose={() => {
            paying.value = null;
          }}
        >
          <Field
            label="Credits"
            hint="e.g. 25 or 0.5; at most six decimals"
            control={(ids) => (
              <input
                {...ids}
                class="input"
                name="credits"
                inputmode="decimal"
                autocomplete="off"
                required
                value={amount.value}
                onInput={({ currentTarget }) => {
                  amount.value = currentTarget.value;
                }}
              />
            )}
          />
        </ActionDialog>
      )}
      {isNaming.value ? (
        <ActionDialog
          title="New account"
          text="It gets one namespace, <name>/default, without credits."
          confirm="Create"
          act={create}
          onClose={() => {
            isNaming.value = false;
          }}
        >
          <Field
            label="Name"
            hint="1 to 31 lower-case letters, digits and dashes, a letter first"
            control={(ids) => (
              <input
                {...ids}
                class="input"
                name="name"
                autocomplete="off"
                spellcheck={false}
                required
                maxLength={31}
                value={name.value}
                onInput={({ currentTarget }) => {
                  name.value = currentTarget.value;
                }}
              />
            )}
          />
        </ActionDialog>
      ) : null}
    </Card>
  );
};

const columnsOf = (pay: (namespace: string) => void): readonly Column<Balance>[] => [
  { title: 'Namespace', isHeading: true, cell: ({ namespace }) => namespace },
  { title: 'Available', isNumber: true, cell: ({ available }) => credits(available) },
  { title: 'Reserved', isNumber: true, cell: ({ reserved }) => credits(reserved) },
  { title: 'Charged', isNumber: true, cell: ({ charged }) => credits(charged) },
  { title: 'Deposited', isNumber: true, cell: ({ deposited }) => credits(deposited) },
  {
    title: 'Credits',
    cell: ({ namespace }) => (
      <Button
        kind="bare"
        aria-haspopup="dialog"
        aria-label={`Deposit for ${namespace}`}
        onClick={() => pay(namespace)}
      >
        Deposit
      </Button>
    ),
  },
];

const notAnAmount = (): RefusedError =>
  new RefusedError({
    code: 'AMOUNT',
    message: 'This is no amount of credits.',
    retryable: false,
    advice: 'Write a positive number with at most six decimals, such as 25 or 0.5.',
  });
