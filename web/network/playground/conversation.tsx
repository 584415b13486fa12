// The conversation: what was asked, what was answered and how fast, and the box for the next question.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { hrefOf } from '../../console/shell/route.js';
import { rate } from '../../look/amounts.js';
import { Badge } from '../../look/badge.js';
import { Button } from '../../look/button.js';
import { Card } from '../../look/card.js';
import { duration } from '../../look/durations.js';
import { EmptyState } from '../../look/empty-state.js';
import { Field } from '../../look/field.js';
import { useLive } from '../api/use-live.js';
import { shortId } from '../words/names.js';
import { ask } from './ask.js';
import { type ServedModel, servedModels } from './chat-api.js';
import { asking, type Turn, turns } from './playground-state.js';

const MAX_TOKENS = 256;

/** @property secret null: there is no key yet */
export const Conversation = ({ secret }: { readonly secret: string | null }) => {
  const models = useLive(`models ${secret}`, async () =>
    secret === null ? [] : (await servedModels(secret)).filter(({ tasks }) => tasks.includes('chat')),
  );
  const wanted = useSignal('');
  const question = useSignal('');
  const list = models.value ?? [];
  const model =
    list.find(({ id }) => id === wanted.value) ?? list.find(({ available }) => available) ?? list[0];
  const isAsking = asking.value !== null;
  const send = async (): Promise<void> => {
    const text = question.value.trim();
    if (text === '' || secret === null || model === undefined || isAsking) return;
    question.value = '';
    if (!(await ask(secret, { model: model.id, maxTokens: MAX_TOKENS }, text))) question.value = text;
  };
  return (
    <Card
      title="Chat"
      class="chat"
      aside={
        <>
          <ModelChooser
            models={list}
            chosen={model?.id ?? ''}
            onChoose={(id) => {
              wanted.value = id;
            }}
          />
          <Button
            disabled={isAsking || turns.value.length === 0}
            onClick={() => {
              turns.value = [];
            }}
          >
            Clear
          </Button>
        </>
      }
    >
      <Turns />
      <form
        class="ask"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <Field
          label="Your message"
          {...(secret === null && { hint: 'An API key is needed first.' })}
          control={(ids) => (
            <textarea
              {...ids}
              class="input"
              name="message"
              rows={3}
              disabled={secret === null}
              value={question.value}
              onInput={({ currentTarget }) => {
                question.value = currentTarget.value;
              }}
              onKeyDown={(event) => {
                if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
                event.preventDefault();
                void send();
              }}
            />
          )}
        />
        <div class="row">
          <Button type="submit" kind="primary" disabled={secret === null || model === undefined || isAsking}>
            Send
          </Button>
          <Button disabled={!isAsking} onClick={() => asking.value?.abort()}>
            Stop
          </Button>
          <span class="reason">
            Enter sends, Shift and Enter begins a new line; up to {MAX_TOKENS} tokens.
          </span>
        </div>
      </form>
    </Card>
  );
};

interface ModelChooserProps {
  readonly models: readonly ServedModel[];
  readonly chosen: string;
  readonly onChoose: (id: string) => void;
}

const ModelChooser = ({ models, chosen, onChoose }: ModelChooserProps) => (
  <select
    class="input model"
    name="model"
    aria-label="Model"
    disabled={models.length === 0}
    value={chosen}
    onChange={({ currentTarget }) => onChoose(currentTarget.value)}
  >
    {models.length === 0 ? <option value="">no model yet</option> : null}
    {models.map(({ id, available }) => (
      <option key={id} value={id}>
        {id}
        {available ? '' : ' (no node serves it)'}
      </option>
    ))}
  </select>
);

const Turns = () => {
  const end = useRef<HTMLDivElement>(null);
  const shown = turns.value;
  useEffect(() => {
    if (shown.length > 0) end.current?.scrollIntoView({ block: 'nearest' });
  }, [shown]);
  if (shown.length === 0) {
    return (
      <EmptyState title="Nothing was said yet.">
        What is said here is a job like any client’s: signed, verified and billed.
      </EmptyState>
    );
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <div class="turns" role="log" aria-label="Conversation" tabIndex={0}>
      {shown.map((turn) => (
        <article
          key={turn.id}
          class={`turn turn-${turn.role}`}
          aria-label={turn.role === 'user' ? 'You' : 'Model'}
        >
          <p class="turn-text">{turn.content === '' ? <span class="quiet">…</span> : turn.content}</p>
          {turn.role === 'assistant' ? <Figures turn={turn} /> : null}
        </article>
      ))}
      <div ref={end} />
    </div>
  );
};

const Figures = ({ turn }: { readonly turn: Turn }) => {
  const { job, firstMs, tookMs, usage, isStopped } = turn;
  const generatingMs = tookMs === undefined || firstMs === undefined ? 0 : tookMs - firstMs;
  return (
    <p class="reason row">
      {isStopped ? <Badge tone="idle">stopped</Badge> : null}
      {firstMs === undefined ? null : <span>first token after {duration(firstMs)}</span>}
      {tookMs === undefined ? null : <span>took {duration(tookMs)}</span>}
      {usage === undefined ? null : (
        <span>
          {usage.prompt_tokens} + {usage.completion_tokens} tokens
          {generatingMs > 0 ? `, ${rate((usage.completion_tokens * 1_000) / generatingMs)} a second` : ''}
        </span>
      )}
      {job === undefined ? null : (
        <a class="mono" href={hrefOf('jobs', [job])} title={job}>
          {shortId(job)}
        </a>
      )}
    </p>
  );
};
