// Asks for the token where the address did not bring one, or the node refused it.
import './token-form.css';
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { Button } from '../../look/button.js';
import { Field } from '../../look/field.js';
import { Notice } from '../../look/notice.js';
import { ThemeSwitch } from '../../look/theme-switch.js';
import { Brand } from './brand.js';
import { hrefOf } from './route.js';
import { tokenIn } from './token-text.js';

interface TokenFormProps {
  /** The node did not take the one before. */
  readonly isRefused: boolean;
  readonly onToken: (token: string) => void;
}

export const TokenForm = ({ isRefused, onToken }: TokenFormProps) => {
  const text = useSignal('');
  const isUnfit = useSignal(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const open = (event: Event): void => {
    event.preventDefault();
    const token = tokenIn(text.value);
    isUnfit.value = token === null;
    if (token !== null) onToken(token);
    else input.current?.focus();
  };
  return (
    <main class="token-page">
      <header>
        <Brand />
        <ThemeSwitch />
      </header>
      <form class="token-form" onSubmit={open}>
        <h1>Open this node’s console</h1>
        <p>
          On the machine that runs the node, <code>resultity-node console</code> prints the address of this
          page with its token. Open that address, or paste it here.
        </p>
        {isRefused && !isUnfit.value ? (
          <Notice
            isUrgent
            tone="bad"
            title="The node refused this token."
            advice="It belongs to another node or data directory. Run `resultity-node console` with this node’s --data-dir."
          />
        ) : null}
        {isUnfit.value ? (
          <Notice
            isUrgent
            tone="bad"
            title="This is not a token."
            advice="A token has 43 letters, digits, - and _; the whole address that ends in #token=… will do."
          />
        ) : null}
        <Field
          label="Token or address"
          control={(ids) => (
            <input
              {...ids}
              ref={input}
              class="input mono"
              name="token"
              type="password"
              autocomplete="off"
              spellcheck={false}
              required
              value={text.value}
              onInput={({ currentTarget }) => {
                text.value = currentTarget.value;
              }}
            />
          )}
        />
        <Button type="submit" kind="primary">
          Open
        </Button>
        <p class="token-hint">
          No node at hand? <a href={hrefOf('recording')}>Look at a recording</a> somebody sent you.
        </p>
        <p class="token-hint">It is kept in this tab only, and forgotten when the tab is closed.</p>
      </form>
    </main>
  );
};
