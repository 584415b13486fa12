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

/** What is opened, for whom the form speaks. */
export interface TokenWords {
  readonly brand: string;
  readonly title: string;
  readonly where: string;
  /** What prints the address. */
  readonly command: string;
  readonly refused: string;
  readonly advice: string;
}

interface TokenFormProps {
  readonly words: TokenWords;
  /** The node did not take the one before. */
  readonly isRefused: boolean;
  readonly onToken: (token: string) => void;
}

export const TokenForm = ({ words, isRefused, onToken }: TokenFormProps) => {
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
        <Brand name={words.brand} />
        <ThemeSwitch />
      </header>
      <form class="token-form" onSubmit={open}>
        <h1>{words.title}</h1>
        <p>
          {words.where} <code>{words.command}</code> prints the address of this page with its token. Open that
          address, or paste it here.
        </p>
        {isRefused && !isUnfit.value ? (
          <Notice isUrgent tone="bad" title={words.refused} advice={words.advice} />
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
