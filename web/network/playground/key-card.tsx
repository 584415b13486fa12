// The API key the playground speaks with: made for it, or pasted. It is in this page's memory and nowhere else.
import { useSignal } from '@preact/signals';
import { refusalOf } from '../../console/api/refused-error.js';
import { Button } from '../../look/button.js';
import { Card } from '../../look/card.js';
import { Field } from '../../look/field.js';
import { Notice } from '../../look/notice.js';
import type { NetworkApi } from '../api/network-api.js';
import { NamespaceField } from '../ledger/namespace-field.js';
import { servedModels } from './chat-api.js';
import { heldKey } from './playground-state.js';

export const KeyCard = ({ api }: { readonly api: NetworkApi }) => {
  const namespace = useSignal('');
  const pasted = useSignal('');
  const refused = useSignal<ReturnType<typeof refusalOf> | null>(null);
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    refused.value = null;
    try {
      await work();
    } catch (caught) {
      refused.value = refusalOf(caught);
    }
  };
  const make = () =>
    attempt(async () => {
      const { key, secret } = await api.call('keys.create', { namespace: namespace.value });
      heldKey.value = { secret, made: key };
    });
  const use = () =>
    attempt(async () => {
      const secret = pasted.value.trim();
      await servedModels(secret);
      heldKey.value = { secret, made: null };
      pasted.value = '';
    });
  const forget = () =>
    attempt(async () => {
      const made = heldKey.value?.made;
      heldKey.value = null;
      if (made != null) await api.call('keys.revoke', { key: made });
    });
  const held = heldKey.value;
  return (
    <Card title="API key">
      {held === null ? (
        <>
          <form
            class="key-form"
            onSubmit={(event) => {
              event.preventDefault();
              void make();
            }}
          >
            <NamespaceField api={api} namespace={namespace} />
            <Button type="submit" kind="primary" disabled={namespace.value === ''}>
              Make a key for this page
            </Button>
          </form>
          <form
            class="key-form"
            onSubmit={(event) => {
              event.preventDefault();
              void use();
            }}
          >
            <Field
              label="Or use one you have"
              control={(ids) => (
                <input
                  {...ids}
                  class="input mono"
                  type="password"
                  name="key"
                  autocomplete="off"
                  spellcheck={false}
                  placeholder="rk-…"
                  required
                  value={pasted.value}
                  onInput={({ currentTarget }) => {
                    pasted.value = currentTarget.value;
                  }}
                />
              )}
            />
            <Button type="submit">Use it</Button>
          </form>
        </>
      ) : (
        <>
          <p>
            {held.made === null ? 'A key that was pasted' : <code>{held.made}</code>} is in use: its namespace
            pays for every answer.
          </p>
          <div class="row">
            <Button onClick={() => void forget()}>{held.made === null ? 'Forget it' : 'Revoke it'}</Button>
          </div>
        </>
      )}
      {refused.value === null ? null : (
        <Notice
          isUrgent
          tone="bad"
          title={refused.value.message}
          code={refused.value.code}
          advice={refused.value.advice}
        />
      )}
      <p class="reason">
        The key and the conversation are in this page’s memory alone, and gone when it is closed. A key that
        was made here is revoked then.
      </p>
    </Card>
  );
};
