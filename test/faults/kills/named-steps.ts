// Where the node is killed, by name: one place after the other along the life of a job, a configuration, a model, a
// report, a session and a start.
import type { KillStep } from './kill-order.js';

export interface NamedStep {
  readonly name: string;
  readonly step: KillStep;
  /** What sets it off: jobs alone, a new configuration, or models that have to be fetched again. */
  readonly cause: 'jobs' | 'config' | 'models';
  /** Kills come at a random one of the first so many arrivals. */
  readonly arrivals: number;
  /** Milliseconds after the arrival: as the state is entered, or at a random moment up to so many later. */
  readonly within: number;
  /** It is passed once at each start, before the node serves. */
  readonly isOfStart?: true;
}

const state = (
  name: string,
  machine: string,
  path: string,
  rest: Partial<Omit<NamedStep, 'name' | 'step'>> = {},
): NamedStep => ({
  name,
  step: { at: 'state', machine, state: path },
  cause: 'jobs',
  arrivals: 1,
  within: 3,
  ...rest,
});

const disk = (
  name: string,
  call: Extract<KillStep, { at: 'disk' }>['call'],
  path: string,
  rest: Partial<Omit<NamedStep, 'name' | 'step'>> = {},
): NamedStep => ({
  name,
  step: { at: 'disk', call, path, when: 'after' },
  cause: 'config',
  arrivals: 1,
  within: 0,
  ...rest,
});

const busy = { arrivals: 3 } as const;

export const JOB_STEPS: readonly NamedStep[] = [
  state('job offered', 'job', 'validating', busy),
  state('job being journalled', 'job', 'recording', busy),
  state('job journalled, accept on its way', 'job', 'executing.queued', busy),
  state('job dispatched', 'job', 'executing.running', { arrivals: 3, within: 1 }),
  state('job at its first token', 'job', 'executing.running', { arrivals: 3, within: 6 }),
  state('job in the middle', 'job', 'executing.running', { arrivals: 3, within: 25 }),
  state('job finished, being signed', 'job', 'signing', busy),
  state('receipt recorded', 'job', 'delivering.sending.queued', busy),
  state('result being sent', 'job', 'delivering.sending.submitting', busy),
  state('result sent', 'job', 'delivering.sending.awaitingAck', busy),
  state('result acknowledged', 'job', 'concluding', busy),
  state('acknowledgement stored', 'job', 'concluded', busy),
];

const config = { cause: 'config' } as const;
const models = { cause: 'models', isOfStart: true } as const;
const start = { isOfStart: true } as const;

export const STATE_STEPS: readonly NamedStep[] = [
  state('config being fetched', 'configSync', 'fetching', config),
  state('config being verified', 'configSync', 'verifying', config),
  state('config being applied', 'configSync', 'applying', config),
  state('config being proved', 'configSync', 'proving', config),
  state('config being announced', 'node', 'operating.config.announcing', config),
  disk('floor written, not renamed', 'write', 'devnet/\\.floor\\.json\\.'),
  disk('floor renamed', 'rename', 'devnet/floor\\.json$'),
  disk('previous config renamed', 'rename', 'devnet/config\\.previous\\.json$'),
  disk('config renamed', 'rename', 'devnet/config\\.json$'),
  state('model being fetched', 'model', 'downloading', models),
  state('model being verified', 'model', 'verifying', models),
  disk('model activated', 'rename', '^models/[0-9a-f]{64}$', { ...models, arrivals: 2 }),
  state('model being tested', 'model', 'testing', models),
  state('model active', 'model', 'active', models),
];

export const LIFE_STEPS: readonly NamedStep[] = [
  state('key being opened', 'node', 'setup.openingIdentity', start),
  state('network being joined', 'node', 'setup.joiningNetwork', start),
  state('link greeted', 'link', 'held.greeted', start),
  state('link online', 'link', 'held.online', start),
  state('report being sealed', 'report', 'sealing', config),
  state('report being uploaded', 'report', 'uploading', config),
  state('report being deleted', 'report', 'pruning', config),
  disk('segment sealed, position not', 'rename', 'devnet/logs/[0-9A-Z]{26}\\.ndjson$'),
  disk('segment deleted, facts not', 'remove', 'devnet/logs/[0-9A-Z]{26}\\.ndjson$'),
];
