// What an order means for its owner, in the words the command line has for it.
import type { OrderView } from '../../../src/console/order-view.js';
import { counted } from '../../look/amounts.js';
import { dayTime } from '../../look/durations.js';

const progressOf = ({ kind, jobsLeft, freed }: OrderView): string => {
  if (jobsLeft > 0) return `${counted(jobsLeft, 'job')} left`;
  if (kind === 'drain') return 'no jobs left';
  return freed ? 'the GPU is free' : 'the GPU is being freed';
};

const headingOf = ({ kind, jobsLeft, freed }: OrderView): string => {
  if (kind === 'pause') return freed ? 'Paused' : 'Pausing';
  return jobsLeft === 0 ? 'Drained' : 'Draining';
};

/** `Draining: 2 jobs left. By its owner since 09:10, until 10:42: “gaming”.` */
export const orderWords = (order: OrderView, nowMs: number): string => {
  const who = order.by === 'owner' ? 'its owner' : 'the network';
  const until = order.untilMs === null ? 'until resumed' : `until ${dayTime(order.untilMs, nowMs)}`;
  const why = order.note === null || order.note === '' ? '' : `: “${order.note}”`;
  return `${headingOf(order)}: ${progressOf(order)}. By ${who} since ${dayTime(order.sinceMs, nowMs)}, ${until}${why}.`;
};
