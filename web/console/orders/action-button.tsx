// A button that asks first.
import { useSignal } from '@preact/signals';
import { Button } from '../../look/button.js';
import { ActionDialog } from './action-dialog.js';

interface ActionButtonProps {
  /** On the button. */
  readonly label: string;
  /** Of several buttons with the same label: which one it is, for those who hear the page. */
  readonly of?: string;
  readonly kind?: 'plain' | 'bare';
  readonly title: string;
  readonly text: string;
  readonly confirm: string;
  readonly act: () => Promise<string>;
}

export const ActionButton = ({ label, of, kind = 'plain', ...dialog }: ActionButtonProps) => {
  const isOpen = useSignal(false);
  return (
    <>
      <Button
        kind={kind}
        aria-haspopup="dialog"
        aria-label={of === undefined ? undefined : `${label} ${of}`}
        onClick={() => {
          isOpen.value = true;
        }}
      >
        {label}
      </Button>
      {isOpen.value ? (
        <ActionDialog
          {...dialog}
          onClose={() => {
            isOpen.value = false;
          }}
        />
      ) : null}
    </>
  );
};
