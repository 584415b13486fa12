// The draft outlives a look at another view; it does not outlive the tab.
import { signal } from '@preact/signals';

export const draftText = signal('');
