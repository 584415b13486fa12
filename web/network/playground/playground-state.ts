// What the playground holds while its tab is open: nothing of it is stored, and the key is this page's memory alone.
import { signal } from '@preact/signals';
import type { Message, Usage } from './chat-api.js';

export interface Turn extends Message {
  /** Rises: names the turn. */
  readonly id: number;
  /** Of an answer. */
  readonly job?: string;
  readonly firstMs?: number;
  readonly tookMs?: number;
  readonly usage?: Usage;
  readonly isStopped?: boolean;
}

export interface HeldKey {
  readonly secret: string;
  /** The public part of one that was made here, to be revoked when it is not needed any more; null: pasted. */
  readonly made: string | null;
}

export const heldKey = signal<HeldKey | null>(null);
export const turns = signal<readonly Turn[]>([]);
/** Set while an answer comes. */
export const asking = signal<AbortController | null>(null);
