// Chooses one of the namespaces there are.
import type { Signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Field } from '../../look/field.js';
import type { NetworkApi } from '../api/network-api.js';
import { useLive } from '../api/use-live.js';
import { credits } from '../words/names.js';

const SHOWN = 1_000;

interface NamespaceFieldProps {
  readonly api: NetworkApi;
  /** Its value is the one chosen: the first one until the reader chooses. */
  readonly namespace: Signal<string>;
}

export const NamespaceField = ({ api, namespace }: NamespaceFieldProps) => {
  const live = useLive('namespaces', () => api.call('accounts.list', { limit: SHOWN }));
  const all = live.value?.accounts.flatMap(({ namespaces }) => namespaces) ?? [];
  const [first] = all;
  useEffect(() => {
    if (namespace.value === '' && first !== undefined) namespace.value = first.namespace;
  }, [first, namespace]);
  return (
    <Field
      label="Namespace"
      hint={
        live.value !== undefined && all.length === 0
          ? 'There is none yet: make an account under Ledger.'
          : 'Which one pays'
      }
      control={(ids) => (
        <select
          {...ids}
          class="input"
          name="namespace"
          required
          value={namespace.value}
          onChange={({ currentTarget }) => {
            namespace.value = currentTarget.value;
          }}
        >
          {all.map(({ namespace: one, available }) => (
            <option key={one} value={one}>
              {one} ({credits(available)} credits)
            </option>
          ))}
        </select>
      )}
    />
  );
};
