// What becomes of a spec that failed: its failures are recorded, judged, waited out or forgiven.
import { UNJUDGED } from './runtime-context.js';
import { runtimeSetup } from './runtime-setup.js';
import { specInput, takeUpOther, wantOther } from './shared-parts.js';

export const recallingState = runtimeSetup.createStateConfig({
  description: 'Looks up how this spec has fared before: pauses and quarantine outlast the Agent.',
  entry: 'clearFault',
  invoke: {
    id: 'recallFailures',
    src: 'recallFailures',
    input: specInput,
    onDone: [
      {
        guard: { type: 'isUnfit', params: ({ event }) => ({ judgement: event.output }) },
        target: 'recalling',
        reenter: true,
        actions: [
          { type: 'announceRollBack', params: ({ event }) => ({ judgement: event.output }) },
          { type: 'rollBack', params: ({ event }) => ({ judgement: event.output }) },
        ],
      },
      {
        guard: { type: 'isQuarantined', params: ({ event }) => ({ judgement: event.output }) },
        target: 'quarantined',
        actions: { type: 'noteJudgement', params: ({ event }) => ({ judgement: event.output }) },
      },
      {
        guard: { type: 'hasToWait', params: ({ event }) => ({ judgement: event.output }) },
        target: 'backingOff',
        actions: { type: 'noteJudgement', params: ({ event }) => ({ judgement: event.output }) },
      },
      {
        target: 'preparing',
        actions: { type: 'noteJudgement', params: ({ event }) => ({ judgement: event.output }) },
      },
    ],
    onError: {
      target: 'preparing',
      actions: { type: 'noteTrouble', params: ({ event }) => ({ error: event.error }) },
    },
  },
  on: {
    'runtime.specified': { ...takeUpOther, reenter: true },
    'runtime.released': 'absent',
  },
});

export const judgingState = runtimeSetup.createStateConfig({
  description:
    'Records the failure on disk before anything is started again, and hears what follows from it.',
  invoke: {
    id: 'recordFailure',
    src: 'recordFailure',
    input: ({ context }) => ({ specHash: context.spec?.specHash ?? '', failure: context.fault }),
    onDone: [
      { guard: 'isUnwanted', target: 'absent' },
      {
        guard: { type: 'isSuperseded', params: ({ event }) => ({ judgement: event.output }) },
        target: 'recalling',
        actions: 'adoptWanted',
      },
      {
        guard: { type: 'isHopeless', params: ({ event }) => ({ judgement: event.output }) },
        target: 'recalling',
        actions: [
          { type: 'announceRollBack', params: ({ event }) => ({ judgement: event.output }) },
          { type: 'rollBack', params: ({ event }) => ({ judgement: event.output }) },
        ],
      },
      {
        guard: { type: 'isQuarantined', params: ({ event }) => ({ judgement: event.output }) },
        target: 'quarantined',
        actions: { type: 'noteJudgement', params: ({ event }) => ({ judgement: event.output }) },
      },
      {
        target: 'backingOff',
        actions: { type: 'noteJudgement', params: ({ event }) => ({ judgement: event.output }) },
      },
    ],
    onError: [
      { guard: 'isUnwanted', target: 'absent' },
      {
        guard: { type: 'isSuperseded', params: { judgement: UNJUDGED } },
        target: 'recalling',
        actions: ['adoptWanted', { type: 'noteTrouble', params: ({ event }) => ({ error: event.error }) }],
      },
      {
        target: 'backingOff',
        actions: [
          { type: 'noteJudgement', params: { judgement: UNJUDGED } },
          { type: 'noteTrouble', params: ({ event }) => ({ error: event.error }) },
        ],
      },
    ],
  },
  on: {
    'runtime.specified': wantOther,
    'runtime.released': { actions: 'forgetWanted' },
  },
});

export const backingOffState = runtimeSetup.createStateConfig({
  description: 'Failed and stopped; waits longer each time before the next start.',
  exit: 'clearWait',
  after: { backoffDelay: 'preparing' },
  on: {
    'runtime.specified': takeUpOther,
    'runtime.retried': 'pardoning',
    'runtime.released': 'absent',
  },
});

export const quarantinedState = runtimeSetup.createStateConfig({
  description: 'Failed too often, or in a way that will not mend: another spec or the owner may try again.',
  on: {
    'runtime.specified': takeUpOther,
    'runtime.retried': 'pardoning',
    'runtime.released': 'absent',
  },
});

export const pardoningState = runtimeSetup.createStateConfig({
  description: 'The owner has mended what was wrong: what failed before is forgotten on disk.',
  invoke: {
    id: 'forgetFailures',
    src: 'forgetFailures',
    onDone: { target: 'recalling', actions: ['forgetFailures', 'adoptWanted'] },
    // What is still known of them is found again there.
    onError: {
      target: 'recalling',
      actions: ['adoptWanted', { type: 'noteTrouble', params: ({ event }) => ({ error: event.error }) }],
    },
  },
  on: {
    'runtime.specified': wantOther,
    'runtime.released': 'absent',
  },
});
