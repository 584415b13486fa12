// A state in one word. The word says it; the colour only helps.
import './badge.css';
import type { ComponentChildren } from 'preact';
import type { Tone } from './tone.js';

interface BadgeProps {
  readonly tone: Tone;
  readonly children: ComponentChildren;
  /** Something goes on right now: the dot breathes, unless motion is unwanted. */
  readonly isLive?: boolean;
}

export const Badge = ({ tone, isLive = false, children }: BadgeProps) => (
  <span class={`badge badge-${tone}${isLive ? ' badge-live' : ''}`}>{children}</span>
);
