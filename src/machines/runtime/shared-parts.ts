// What several states do alike: name the spec to a service, and hear that another one is wanted.
import type { RuntimeContext, RuntimeEvent } from './runtime-events.js';

export const specInput = ({ context }: { context: RuntimeContext }): { specHash: string } => ({
  specHash: context.spec?.specHash ?? '',
});

export const wantedInput = ({ context }: { context: RuntimeContext }): { specHash: string } => ({
  specHash: context.wanted?.specHash ?? '',
});

const specOfEvent = ({ event }: { event: Extract<RuntimeEvent, { type: 'runtime.specified' }> }) => ({
  spec: event.spec,
});

/** The wish changes, and what is under way goes on. */
export const wantOther = {
  guard: { type: 'isOtherSpec', params: specOfEvent },
  actions: { type: 'noteWanted', params: specOfEvent },
} as const;

/** Nothing runs: another wish is taken up at once. */
export const takeUpOther = {
  guard: { type: 'isOtherSpec', params: specOfEvent },
  target: '#runtime.recalling',
  actions: [{ type: 'noteWanted', params: specOfEvent }, 'adoptWanted'],
} as const;
