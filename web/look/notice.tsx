// Something the reader should know now: what happened, and what to do next.
import './notice.css';
import type { ComponentChildren } from 'preact';
import type { Tone } from './tone.js';
import { Words } from './words.js';

interface NoticeProps {
  readonly tone: Tone;
  readonly title: string;
  /** The next thing to do. */
  readonly advice?: string | undefined;
  /** Stable code of an error. */
  readonly code?: string | undefined;
  /** Said aloud at once when it appears. */
  readonly isUrgent?: boolean;
  readonly children?: ComponentChildren;
}

export const Notice = ({ tone, title, advice, code, isUrgent = false, children }: NoticeProps) => (
  <div class={`notice notice-${tone}`} role={isUrgent ? 'alert' : undefined}>
    <p class="notice-title">
      <span>
        <Words text={title} />
      </span>
      {code === undefined ? null : <code class="notice-code">{code}</code>}
    </p>
    {advice === undefined ? null : (
      <p>
        <Words text={advice} />
      </p>
    )}
    {children}
  </div>
);
