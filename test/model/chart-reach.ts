// Which states a chart can enter and leave at all, guards aside: questions about the drawing, not about a run.
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { ownTransitions } from '../../src/machines/chart-model.js';

const withAncestors = (node: AnyStateNode): AnyStateNode[] => {
  const line: AnyStateNode[] = [];
  for (let at: AnyStateNode | undefined = node; at; at = at.parent) line.push(at);
  return line;
};

const initialTargets = (node: AnyStateNode): readonly AnyStateNode[] => {
  try {
    return node.initial.target;
  } catch {
    return []; // a wrong `initial` is a finding of its own
  }
};

/** Where a history state leads: to its default target, or to where its parent starts. */
const historyTargets = (node: AnyStateNode): readonly AnyStateNode[] => {
  const { target } = node.config as { target?: string };
  const siblings = Object.values(node.parent?.states ?? {});
  const fallback = siblings.filter(({ key }) => key !== node.key && target?.split('.').pop() === key);
  return fallback.length > 0 || !node.parent ? fallback : [node.parent];
};

/** What entering a state enters below it. */
const startsBelow = (node: AnyStateNode): readonly AnyStateNode[] => {
  if (node.type === 'history') return historyTargets(node);
  if (node.type === 'compound') return initialTargets(node);
  return node.type === 'parallel' ? Object.values(node.states).filter(({ type }) => type !== 'history') : [];
};

/** The states active after a target was entered: it, what starts below it, and the regions beside the way to it. */
const enteredBy = (target: AnyStateNode): Set<AnyStateNode> => {
  const line = withAncestors(target);
  const beside = line
    .filter(({ type }) => type === 'parallel')
    .flatMap((ancestor) => Object.values(ancestor.states).filter((region) => !line.includes(region)));
  const found = new Set<AnyStateNode>();
  const started = new Set([target, ...beside]);
  for (const node of started) {
    for (const entered of withAncestors(node)) found.add(entered);
    for (const below of startsBelow(node)) started.add(below);
  }
  return found;
};

/** Every state that some sequence of transitions enters, from the start; guards are taken to hold. */
export const reachableStates = (machine: AnyStateMachine): Set<AnyStateNode> => {
  const reached = new Set<AnyStateNode>();
  const targets = new Set<AnyStateNode>([machine.root]);
  for (const target of targets) {
    for (const node of enteredBy(target)) {
      if (reached.has(node)) continue;
      reached.add(node);
      for (const next of ownTransitions(node).flatMap((transition) => transition.target ?? []))
        targets.add(next);
    }
  }
  return reached;
};

/** True when some transition of the state, or of those around it, ends anywhere but here. */
export const hasWayOut = (node: AnyStateNode): boolean =>
  withAncestors(node).some((from) =>
    ownTransitions(from).some(({ target }) => {
      const targets = target ?? [];
      return targets.length > 0 && !targets.some((into) => enteredBy(into).has(node));
    }),
  );

/** True when the state or one around it handles the event, be it by a wildcard. */
export const listensTo = (node: AnyStateNode, eventType: string): boolean =>
  withAncestors(node).some((at) =>
    [...at.transitions.keys()].some(
      (descriptor) =>
        descriptor === eventType ||
        descriptor === '*' ||
        (descriptor.endsWith('.*') && eventType.startsWith(descriptor.slice(0, -1))),
    ),
  );
