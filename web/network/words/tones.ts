// Which colour a state has on the network's side. One that is not known is shown all the same, at rest.
import type { Tone } from '../../look/tone.js';

const JOBS: Readonly<Record<string, Tone>> = {
  admitting: 'info',
  queued: 'info',
  offered: 'info',
  accepted: 'info',
  running: 'info',
  completed: 'ok',
  failed: 'bad',
  rejected: 'bad',
  lost: 'bad',
  expired: 'warn',
  declined: 'warn',
  cancelled: 'idle',
};

const ENTRIES: Readonly<Record<string, Tone>> = {
  deposit: 'ok',
  reserve: 'info',
  settle: 'warn',
  release: 'idle',
};

const STANDINGS: Readonly<Record<string, Tone>> = {
  active: 'ok',
  pending: 'warn',
  paused: 'warn',
  cooldown: 'warn',
  frozen: 'bad',
};

/** Of jobs and of attempts. */
export const toneOfJob = (state: string): Tone => JOBS[state] ?? 'idle';
export const toneOfEntry = (kind: string): Tone => ENTRIES[kind] ?? 'idle';
export const toneOfStanding = (state: string): Tone => STANDINGS[state] ?? 'idle';
