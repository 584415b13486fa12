// Asks how long and why before the node drains or pauses, and says what was refused in the node's own words.
import { useSignal } from '@preact/signals';
import type { OwnerOrder } from '../../../src/console/order-view.js';
import { Field } from '../../look/field.js';
import type { NodeAccess } from '../shell/node-access.js';
import { ActionDialog } from './action-dialog.js';

export type OrderVerb = OwnerOrder['verb'];

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const DURATIONS: readonly (readonly [label: string, ms: number])[] = [
  ['Until I resume it', 0],
  ['15 minutes', 15 * MINUTE_MS],
  ['1 hour', HOUR_MS],
  ['2 hours', 2 * HOUR_MS],
  ['4 hours', 4 * HOUR_MS],
  ['8 hours', 8 * HOUR_MS],
  ['1 day', 24 * HOUR_MS],
  ['1 week', 7 * 24 * HOUR_MS],
];

const WORDS: Readonly<Record<OrderVerb, { title: string; text: string; done: string }>> = {
  drain: {
    title: 'Drain the node',
    text: 'It takes no new jobs and finishes those it has. The models stay loaded.',
    done: 'The node drains.',
  },
  pause: {
    title: 'Pause the node',
    text: 'It takes no new jobs, finishes those it has, then ends its Runtime and frees the GPU.',
    done: 'The node pauses.',
  },
  resume: {
    title: 'Resume the node',
    text: 'It takes jobs again. After a pause the Runtime is started first, which may take some minutes.',
    done: 'The node takes jobs again.',
  },
};

interface OrderDialogProps {
  readonly verb: OrderVerb;
  readonly node: NodeAccess;
  readonly onClose: () => void;
}

export const OrderDialog = ({ verb, node, onClose }: OrderDialogProps) => {
  const note = useSignal('');
  const forMs = useSignal(0);
  const { title, text, done } = WORDS[verb];
  const order = async (): Promise<string> => {
    await node.api.order({
      verb,
      ...(note.value.trim() === '' ? {} : { note: note.value.trim() }),
      ...(forMs.value === 0 ? {} : { forMs: forMs.value }),
    });
    return done;
  };
  return (
    <ActionDialog
      title={title}
      text={text}
      confirm={verb === 'drain' ? 'Drain' : verb === 'pause' ? 'Pause' : 'Resume'}
      isGrave={verb !== 'resume'}
      act={order}
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
            hint="Why, for whoever looks at the node. The network sees it too."
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
