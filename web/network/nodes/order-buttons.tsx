// Orders to one node: to rest for a while, or to go on. The node itself answers whether it follows.
import { useSignal } from '@preact/signals';
import { RefusedError } from '../../console/api/refused-error.js';
import { ActionDialog } from '../../console/orders/action-dialog.js';
import { Button } from '../../look/button.js';
import { Field } from '../../look/field.js';
import type { NetworkApi } from '../api/network-api.js';
import { refusedBecause } from '../words/rotation-words.js';
import type { NodeRow } from './node-columns.js';

const VERBS = ['drain', 'pause', 'resume'] as const;
type Verb = (typeof VERBS)[number];

const HOUR_MS = 3_600_000;
const DURATIONS: readonly (readonly [label: string, ms: number])[] = [
  ['Until I resume it', 0],
  ['15 minutes', HOUR_MS / 4],
  ['1 hour', HOUR_MS],
  ['4 hours', 4 * HOUR_MS],
  ['1 day', 24 * HOUR_MS],
];

const WORDS: Readonly<Record<Verb, { button: string; title: string; text: string; done: string }>> = {
  drain: {
    button: 'Drain',
    title: 'Drain this node',
    text: 'It takes no new jobs and finishes those it has. Its models stay loaded.',
    done: 'The node drains.',
  },
  pause: {
    button: 'Pause',
    title: 'Pause this node',
    text: 'It takes no new jobs, finishes those it has, and ends its Runtime.',
    done: 'The node pauses.',
  },
  resume: {
    button: 'Resume',
    title: 'Resume this node',
    text: 'Lifts an order of the network; one of its owner stays.',
    done: 'The node takes jobs again.',
  },
};

interface OrderButtonsProps {
  readonly api: NetworkApi;
  readonly node: NodeRow;
  /** Something has changed. */
  readonly again: () => void;
}

export const OrderButtons = ({ api, node, again }: OrderButtonsProps) => {
  const open = useSignal<Verb | null>(null);
  return (
    <div class="row">
      {VERBS.map((verb) => (
        <Button
          key={verb}
          aria-haspopup="dialog"
          disabled={!node.online}
          title={node.online ? undefined : 'Only a connected node can be ordered'}
          onClick={() => {
            open.value = verb;
          }}
        >
          {WORDS[verb].button}
        </Button>
      ))}
      {open.value === null ? null : (
        <OrderDialog
          verb={open.value}
          order={async (more) => {
            const { outcome, reason } = await api.call('nodes.order', { node: node.node, ...more });
            again();
            if (outcome !== 'done') throw notFollowed(outcome, reason);
          }}
          onClose={() => {
            open.value = null;
          }}
        />
      )}
    </div>
  );
};

const notFollowed = (outcome: string, reason: string | null): RefusedError =>
  new RefusedError({
    code: 'ORDER_NOT_FOLLOWED',
    message: `The node does not follow the order (${outcome}): ${refusedBecause(reason)}.`,
    retryable: false,
    advice: 'Its details say which order it follows.',
  });

interface OrderDialogProps {
  readonly verb: Verb;
  readonly order: (order: { verb: Verb; note?: string; until_ms?: number }) => Promise<void>;
  readonly onClose: () => void;
}

const OrderDialog = ({ verb, order, onClose }: OrderDialogProps) => {
  const note = useSignal('');
  const forMs = useSignal(0);
  const { title, text, done, button } = WORDS[verb];
  const act = async (): Promise<string> => {
    const why = note.value.trim();
    await order({
      verb,
      ...(why !== '' && { note: why }),
      ...(forMs.value !== 0 && { until_ms: Date.now() + forMs.value }),
    });
    return done;
  };
  return (
    <ActionDialog
      title={title}
      text={text}
      confirm={button}
      isGrave={verb !== 'resume'}
      act={act}
      onClose={onClose}
    >
      {verb === 'resume' ? null : (
        <>
          <Field
            label="For how long"
            control={(ids) => (
              <select
                {...ids}
                class="input"
                name="for"
                value={forMs.value}
                onChange={({ currentTarget }) => {
                  forMs.value = Number(currentTarget.value);
                }}
              >
                {DURATIONS.map(([label, ms]) => (
                  <option key={ms} value={ms}>
                    {label}
                  </option>
                ))}
              </select>
            )}
          />
          <Field
            label="Note"
            hint="Why; its owner sees it."
            control={(ids) => (
              <input
                {...ids}
                class="input"
                name="note"
                maxLength={200}
                autocomplete="off"
                value={note.value}
                onInput={({ currentTarget }) => {
                  note.value = currentTarget.value;
                }}
              />
            )}
          />
        </>
      )}
    </ActionDialog>
  );
};
