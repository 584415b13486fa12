// A draft: written here, judged by the network as it is written, compared with what is in force, published when asked.
import './draft-card.css';
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { refusalOf } from '../../console/api/refused-error.js';
import { ActionDialog } from '../../console/orders/action-dialog.js';
import { counted } from '../../look/amounts.js';
import { Button } from '../../look/button.js';
import { Card } from '../../look/card.js';
import { EmptyState } from '../../look/empty-state.js';
import { Field } from '../../look/field.js';
import { Notice } from '../../look/notice.js';
import { showToast } from '../../look/toasts.js';
import type { Answer } from '../api/network-api.js';
import type { ViewProps } from '../shell/network-access.js';
import { ChangeTable } from './change-table.js';
import { draftText } from './draft-text.js';

type Judgement = Answer<'config.check'>;

/** Of quiet after the last key before a draft is judged. */
const JUDGE_AFTER_MS = 400;

export const DraftCard = ({ network: { api, status } }: ViewProps) => {
  const judged = useSignal<{ readonly text: string; readonly judgement: Judgement } | null>(null);
  const isPublishing = useSignal(false);
  const text = draftText.value;
  const inForce = status.config?.version ?? null;

  const begin = async (): Promise<void> => {
    try {
      draftText.value = (await api.call('config.draft', {})).draft;
    } catch (caught) {
      const { message, code, advice } = refusalOf(caught);
      showToast({ tone: 'bad', title: message, code, advice });
    }
  };

  // Judged again when somebody else publishes: what the draft changes is another thing then.
  useEffect(() => {
    if (text.trim() === '') {
      judged.value = null;
      return undefined;
    }
    let isOver = false;
    const judge = async (): Promise<void> => {
      try {
        const judgement = await api.call('config.check', { draft: text });
        if (!isOver) judged.value = { text, judgement };
      } catch (caught) {
        const { message, code, advice } = refusalOf(caught);
        if (!isOver) showToast({ tone: 'bad', title: message, code, advice });
      }
    };
    const timer = setTimeout(() => void judge(), JUDGE_AFTER_MS);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [text, inForce, api, judged]);

  const current = judged.value?.text === text ? judged.value.judgement : null;
  const isFit = current !== null && current.faults.length === 0 && current.changes.length > 0;
  const publish = async (): Promise<string> => {
    const { version } = await api.call('config.publish', { draft: text, replaces: current?.version ?? 0 });
    draftText.value = '';
    return `Version ${version} is in force. Connected nodes are told now.`;
  };
  return (
    <Card
      title="Draft"
      aside={
        <>
          {inForce === null ? null : (
            <Button onClick={() => void begin()}>Start from version {inForce}</Button>
          )}
          <Button
            kind="primary"
            disabled={!isFit}
            aria-haspopup="dialog"
            onClick={() => {
              isPublishing.value = true;
            }}
          >
            Publish …
          </Button>
        </>
      }
    >
      <Field
        label="Configuration, YAML or JSON"
        hint="A model’s digest may be left out: it follows from its files."
        control={(ids) => (
          <textarea
            {...ids}
            class="input mono draft"
            name="draft"
            rows={text === '' ? 8 : 24}
            spellcheck={false}
            autocomplete="off"
            value={text}
            onInput={({ currentTarget }) => {
              draftText.value = currentTarget.value;
            }}
          />
        )}
      />
      <div role="status" class="judged">
        <Judged isEmpty={text.trim() === ''} judgement={current} />
      </div>
      {isPublishing.value && current !== null ? (
        <ActionDialog
          title="Publish this configuration"
          text={`It takes the place of ${current.version === null ? 'nothing' : `version ${current.version}`}. Connected nodes are told at once; ${counted(current.changes.length, 'field')} ${current.changes.length === 1 ? 'changes' : 'change'}.`}
          confirm="Sign and publish"
          act={publish}
          onClose={() => {
            isPublishing.value = false;
          }}
        >
          <div class="dialog-changes">
            <ChangeTable changes={current.changes} version={current.version} />
          </div>
        </ActionDialog>
      ) : null}
    </Card>
  );
};

const Judged = ({
  isEmpty,
  judgement,
}: {
  readonly isEmpty: boolean;
  readonly judgement: Judgement | null;
}) => {
  if (isEmpty)
    return <EmptyState title="Nothing is drafted.">Start from what is in force, or paste a file.</EmptyState>;
  if (judgement === null) return <p class="quiet">The network looks at it …</p>;
  const { faults, changes, has_more, version } = judgement;
  if (faults.length > 0) {
    return (
      <Notice
        tone="bad"
        title={`${counted(faults.length, 'fault')}: it cannot be published`}
        advice="Correct the fields named; the configuration in force has not changed."
      >
        <ul class="faults">
          {faults.map(({ field, reason }) => (
            <li key={`${field} ${reason}`}>
              {field === '' ? null : <code>{field}: </code>}
              {reason}
            </li>
          ))}
        </ul>
        {has_more ? <p>There are more.</p> : null}
      </Notice>
    );
  }
  if (changes.length === 0)
    return <Notice tone="info" title="It is fit to be published, and changes nothing." />;
  return (
    <>
      <Notice
        tone="ok"
        title={`It is fit to be published: ${counted(changes.length, 'field')} ${changes.length === 1 ? 'changes' : 'change'}.`}
      />
      <ChangeTable changes={changes} version={version} />
      {has_more ? <p class="quiet">There are more changes than are listed.</p> : null}
    </>
  );
};
