// Short messages that come and go by themselves; those about errors stay until they are dismissed.
import { signal } from '@preact/signals';
import type { Tone } from './tone.js';

export interface Toast {
  readonly id: number;
  readonly tone: Tone;
  readonly title: string;
  readonly advice?: string | undefined;
  readonly code?: string | undefined;
}

const SHOWN_MS = 6_000;
const MOST = 4;

export const toasts = signal<readonly Toast[]>([]);
let last = 0;

export const dismissToast = (id: number): void => {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
};

export const showToast = (toast: Omit<Toast, 'id'>): void => {
  last += 1;
  const id = last;
  toasts.value = [...toasts.value, { ...toast, id }].slice(-MOST);
  if (toast.tone !== 'bad') setTimeout(() => dismissToast(id), SHOWN_MS);
};
