// A button. It is never a submit button unless it says so.
import './button.css';
import type { ButtonHTMLAttributes } from 'preact';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** `primary` for the one thing to do, `danger` for what stops work, `bare` inside text and tables. */
  readonly kind?: 'plain' | 'primary' | 'danger' | 'bare';
}

export const Button = ({ kind = 'plain', class: more, type = 'button', ...rest }: ButtonProps) => (
  <button {...rest} type={type} class={`button button-${kind}${more === undefined ? '' : ` ${more}`}`} />
);
