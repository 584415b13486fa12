// How the parts of a chart read as text: one wording for the picture, the Mermaid file and the findings of tests.
import type { ActionModel } from './action-model.js';
import type { GuardModel, InvokeModel, TransitionModel } from './chart-model.js';

/** What sets the transition off: `socket.closed`, `after redialDelay`, `socket fails`, `always`. */
export const triggerText = (transition: TransitionModel): string => {
  switch (transition.kind) {
    case 'always':
      return 'always';
    case 'after':
      return typeof transition.delay === 'number'
        ? `after ${transition.delay} ms`
        : `after ${transition.delay}`;
    case 'actorDone':
      return `${transition.actor} is done`;
    case 'actorError':
      return `${transition.actor} fails`;
    case 'actorSnapshot':
      return `${transition.actor} changes`;
    case 'stateDone':
      return 'all done';
    case 'event':
      return transition.eventType;
  }
};

/** `isFree and not (isPaused or isFull)`; parentheses only where they matter. */
export const guardText = (guard: GuardModel): string => {
  const part = (inner: GuardModel): string =>
    'and' in inner || 'or' in inner ? `(${guardText(inner)})` : guardText(inner);
  if ('and' in guard) return guard.and.map(part).join(' and ');
  if ('or' in guard) return guard.or.map(part).join(' or ');
  if ('not' in guard) return `not ${part(guard.not)}`;
  if ('stateIn' in guard) return `in ${guard.stateIn}`;
  return guard.name;
};

/** `countFailure`, `send frame.send to socket`, `raise job.done`. */
export const actionText = ({ name, subject }: ActionModel): string => {
  const verb = { sendTo: 'send', spawnChild: 'spawn', stopChild: 'stop child' }[name] ?? name;
  if (subject === undefined) return verb;
  return name === 'sendTo' && !subject.includes(' ') ? `send to ${subject}` : `${verb} ${subject}`;
};

/** `holdSocket`, or `holdSocket as socket` where the actor has an id of its own. */
export const invokeText = ({ id, src }: InvokeModel): string =>
  id === src || /^\d+\./.test(id) ? src : `${src} as ${id}`;

/** The whole transition in one line, as findings quote it. */
export const transitionText = (source: string, transition: TransitionModel): string => {
  const guard = transition.guard ? ` [${guardText(transition.guard)}]` : '';
  const target = transition.targets.length > 0 ? transition.targets.join(', ') : '(stays)';
  return `${source}: ${triggerText(transition)}${guard} → ${target}`;
};
