// What a colour means, on every page: fine, under way, needs attention, broken, at rest.
export type Tone = 'ok' | 'info' | 'warn' | 'bad' | 'idle';
