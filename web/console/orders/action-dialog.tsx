// Asks before something is done; then does it, and says how it went. What is refused stays in view until it is read.
import './action-dialog.css';
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { Button } from '../../look/button.js';
import { Dialog } from '../../look/dialog.js';
import { Notice } from '../../look/notice.js';
import { showToast } from '../../look/toasts.js';
import { refusalOf } from '../api/refused-error.js';

interface ActionDialogProps {
  readonly title: string;
  /** What will happen. */
  readonly text: string;
  /** What the button says. */
  readonly confirm: string;
  /** Stops work: the button looks like it. */
  readonly isGrave?: boolean;
  /** @returns what has been done, in a sentence; @throws what is shown with its advice */
  readonly act: () => Promise<string>;
  readonly onClose: () => void;
  /** What is asked for, if anything. */
  readonly children?: ComponentChildren;
}

export const ActionDialog = ({
  title,
  text,
  confirm,
  isGrave = false,
  act,
  onClose,
  children,
}: ActionDialogProps) => {
  const isBusy = useSignal(false);
  const refused = useSignal<ReturnType<typeof refusalOf> | null>(null);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    isBusy.value = true;
    refused.value = null;
    try {
      showToast({ tone: 'ok', title: await act() });
      onClose();
    } catch (caught) {
      refused.value = refusalOf(caught);
    } finally {
      isBusy.value = false;
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form class="action" onSubmit={(event) => void submit(event)}>
        <p>{text}</p>
        {children}
        {refused.value === null ? null : (
          <Notice
            isUrgent
            tone="bad"
            title={refused.value.message}
            code={refused.value.code}
            advice={refused.value.advice}
          />
        )}
        <div class="action-buttons">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind={isGrave ? 'danger' : 'primary'} disabled={isBusy.value}>
            {isBusy.value ? 'One moment …' : confirm}
          </Button>
        </div>
      </form>
    </Dialog>
  );
};
