// Where there is nothing yet: why, and what brings something.
import './empty-state.css';
import type { ComponentChildren } from 'preact';

interface EmptyStateProps {
  readonly title: string;
  readonly children?: ComponentChildren;
}

export const EmptyState = ({ title, children }: EmptyStateProps) => (
  <div class="empty">
    <p class="empty-title">{title}</p>
    {children === undefined ? null : <p>{children}</p>}
  </div>
);
