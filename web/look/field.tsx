// A control with its label, and what is to be known before filling it in.
import './field.css';
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface FieldProps {
  readonly label: string;
  readonly hint?: string;
  /** The control. @param ids to put on it */
  readonly control: (ids: { id: string; 'aria-describedby'?: string }) => ComponentChildren;
}

export const Field = ({ label, hint, control }: FieldProps) => {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {control(hint === undefined ? { id } : { id, 'aria-describedby': `${id}-hint` })}
      {hint === undefined ? null : (
        <p id={`${id}-hint`} class="field-hint">
          {hint}
        </p>
      )}
    </div>
  );
};
