// What an order means for its owner, in a sentence or two.
import type { OrderView } from '../../console/order-view.js';
import { localTime } from './time-options.js';

const jobs = (count: number): string => `${count} ${count === 1 ? 'job' : 'jobs'} left`;

/** How far it is: `2 jobs left`, `the GPU is being freed`. */
export const progressOf = ({ kind, jobsLeft, freed }: OrderView): string => {
  if (jobsLeft > 0) return jobs(jobsLeft);
  if (kind === 'drain') return 'no jobs left';
  return freed ? 'the GPU is free' : 'the GPU is being freed';
};

/** Whether all has happened that the order asks for. */
export const isCarriedOut = ({ kind, jobsLeft, freed }: OrderView): boolean =>
  kind === 'drain' ? jobsLeft === 0 : freed;

const heading = (order: OrderView): string => {
  if (order.kind === 'pause') return isCarriedOut(order) ? 'Paused' : 'Pausing';
  return isCarriedOut(order) ? 'Drained' : 'Draining';
};

/** `Draining: 2 jobs left; takes jobs again at 10:42, or with \`resultity-node resume\`.` */
export const orderSentence = (order: OrderView, nowMs: number): string => {
  const again =
    order.untilMs === null
      ? 'with `resultity-node resume`'
      : `at ${localTime(order.untilMs, nowMs)}, or with \`resultity-node resume\``;
  return `${heading(order)}: ${progressOf(order)}; takes jobs again ${again}.`;
};

/** For `status`: `pause, by its owner since 09:10, until 10:42 (gaming); the GPU is free`. */
export const orderFacts = (order: OrderView, nowMs: number): string => {
  const { kind, by, note, sinceMs, untilMs } = order;
  const who = by === 'owner' ? 'its owner' : 'the network';
  const until = untilMs === null ? ', until it is lifted' : `, until ${localTime(untilMs, nowMs)}`;
  const why = note === null ? '' : ` (${note})`;
  return `${kind}, by ${who} since ${localTime(sinceMs, nowMs)}${until}${why}; ${progressOf(order)}`;
};
