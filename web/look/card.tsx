// A part of a page with a heading, and beside it what belongs to it as a whole.
import './card.css';
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface CardProps {
  readonly title: string;
  /** Right of the heading: a state, a link, a button. */
  readonly aside?: ComponentChildren;
  /** One more class, e.g. for its place in a grid. */
  readonly class?: string;
  readonly children: ComponentChildren;
}

export const Card = ({ title, aside, class: more, children }: CardProps) => {
  const id = useId();
  return (
    <section class={`card${more === undefined ? '' : ` ${more}`}`} aria-labelledby={id}>
      <header class="card-head">
        <h2 id={id}>{title}</h2>
        {aside === undefined ? null : <div class="card-aside">{aside}</div>}
      </header>
      {children}
    </section>
  );
};
