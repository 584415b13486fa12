// Which colour a state has. A state that is not known is shown all the same, at rest.
import type { Tone } from '../../look/tone.js';

type Tones = Readonly<Record<string, Tone>>;

const STAGES: Tones = {
  setup: 'info',
  registered: 'warn',
  connected: 'ok',
  syncing: 'info',
  executing: 'ok',
  draining: 'warn',
  paused: 'warn',
  stopping: 'warn',
  stopped: 'idle',
  halted: 'bad',
};

const RUNTIME: Tones = {
  recalling: 'info',
  preparing: 'info',
  starting: 'info',
  warming: 'info',
  ready: 'ok',
  suspect: 'warn',
  draining: 'warn',
  stopping: 'warn',
  stoppingLater: 'warn',
  clearing: 'warn',
  clearingLater: 'warn',
  judging: 'warn',
  backingOff: 'bad',
  quarantined: 'bad',
  pardoning: 'info',
};

const MODELS: Tones = {
  downloading: 'info',
  verifying: 'info',
  pending: 'info',
  testing: 'info',
  active: 'ok',
  failed: 'bad',
};

/** Of ends; how an attempt ended without fault of the node is no alarm. */
const OUTCOMES: Tones = {
  completed: 'ok',
  cancelled: 'idle',
  declined: 'idle',
  expired: 'warn',
  interrupted: 'warn',
  runtime_rejected: 'warn',
  slow_link: 'warn',
  abandoned: 'bad',
  runtime_crashed: 'bad',
  runtime_oom: 'bad',
  runtime_stalled: 'bad',
  runtime_unreachable: 'bad',
  output_malformed: 'bad',
  internal: 'bad',
};

const LEVELS: Tones = { info: 'info', warn: 'warn', error: 'bad', fatal: 'bad' };

const toneIn =
  (tones: Tones) =>
  (word: string): Tone =>
    tones[word] ?? 'idle';

export const toneOfStage = toneIn(STAGES);
export const toneOfRuntime = toneIn(RUNTIME);
export const toneOfModel = toneIn(MODELS);
export const toneOfOutcome = toneIn(OUTCOMES);
export const toneOfLevel = toneIn(LEVELS);
