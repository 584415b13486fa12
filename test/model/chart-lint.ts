// What neither the compiler nor XState notices in a chart, found by reading it: names that lead nowhere, timers that
// would fire at once, states without a way in or out, failures that nobody hears.
import type { AnyMachineSnapshot, AnyStateMachine, AnyStateNode } from 'xstate';
import {
  type BuiltIn,
  builtIn,
  describeAction,
  isTimerBookkeeping,
} from '../../src/machines/action-model.js';
import { descendants, guardModel, ownTransitions } from '../../src/machines/chart-model.js';
import { hasWayOut, listensTo, reachableStates } from './chart-reach.js';

/** The longest delay a timer holds, 2^31 - 1 milliseconds; a longer one fires at once (Node's `setTimeout`). */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

const STATE_KEYS = new Set(
  'id type initial states invoke on onDone always after entry exit history target meta tags output description order route'.split(
    ' ',
  ),
);
const ROOT_KEYS = new Set([...STATE_KEYS, 'context', 'version', 'options', 'types', 'schemas']);
const TRANSITION_KEYS = new Set('target actions guard reenter meta description'.split(' '));
const INVOKE_KEYS = new Set('id src systemId input onDone onError onSnapshot'.split(' '));
const OPTION_KEYS = new Set(['maxIterations']);

type Report = (node: AnyStateNode, finding: string) => void;

/**
 * Reads a machine and says what is wrong with it.
 * @returns findings, each `machine: state: what is wrong; what to do`; empty for a sound chart
 */
export const lintChart = (machine: AnyStateMachine): string[] => {
  const findings: string[] = [];
  const report: Report = (node, finding) =>
    findings.push(`${machine.id}: ${node.path.join('.') || '(root)'}: ${finding}`);
  const nodes = descendants(machine.root);
  for (const node of nodes) {
    lintKeys(node, report);
    lintDescription(node, report);
    lintInitial(node, report);
    lintDelays(node, report);
    lintGuards(node, report);
    lintActions(node, report);
    lintInvokes(node, report);
  }
  lintMaxIterations(machine, report);
  lintReach(machine, nodes, report);
  return findings;
};

const lintMaxIterations = (machine: AnyStateMachine, report: Report): void => {
  const limit = machine.options?.maxIterations;
  if (limit === undefined || !Number.isFinite(limit)) {
    report(
      machine.root,
      'no options.maxIterations: an `always` cycle hangs the process; set it, 1000 is plenty',
    );
  }
};

const unknownKeys = (config: unknown, known: ReadonlySet<string>): string[] =>
  typeof config === 'object' && config !== null ? Object.keys(config).filter((key) => !known.has(key)) : [];

const asList = (value: unknown): unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

const lintKeys = (node: AnyStateNode, report: Report): void => {
  const config = node.config as Record<string, unknown>;
  const complain = (place: string, keys: string[]): void => {
    for (const key of keys)
      report(node, `unknown key \`${key}\` in ${place} is ignored; correct or remove it`);
  };
  complain('the state', unknownKeys(config, node.parent ? STATE_KEYS : ROOT_KEYS));
  if (!node.parent) complain('options', unknownKeys(config.options, OPTION_KEYS));
  for (const invoke of asList(config.invoke)) {
    complain('an invoke', unknownKeys(invoke, INVOKE_KEYS));
    for (const handler of ['onDone', 'onError', 'onSnapshot'] as const) {
      const transitions = asList((invoke as Record<string, unknown>)[handler]);
      for (const transition of transitions)
        complain(`an invoke's ${handler}`, unknownKeys(transition, TRANSITION_KEYS));
    }
  }
  for (const [place, table] of Object.entries({ on: config.on, after: config.after })) {
    for (const [type, transitions] of Object.entries((table ?? {}) as Record<string, unknown>)) {
      for (const transition of asList(transitions)) {
        complain(`${place} ${type}`, unknownKeys(transition, TRANSITION_KEYS));
      }
    }
  }
  for (const place of ['always', 'onDone'] as const) {
    for (const transition of asList(config[place])) complain(place, unknownKeys(transition, TRANSITION_KEYS));
  }
};

const lintDescription = (node: AnyStateNode, report: Report): void => {
  if (node.type !== 'history' && !node.description?.trim()) {
    report(node, 'no description: say in one sentence what the node does or waits for here');
  }
};

const lintInitial = (node: AnyStateNode, report: Report): void => {
  if (node.type !== 'compound') return;
  try {
    if (node.initial.target.length > 0) return;
  } catch {
    // Reported below: XState itself would throw only once the state is entered.
  }
  const known = Object.keys(node.states).join(', ');
  report(
    node,
    `initial \`${JSON.stringify(node.config.initial)}\` is not a state here; choose one of ${known}`,
  );
};

const allActions = (node: AnyStateNode): unknown[] =>
  [
    ...node.entry,
    ...node.exit,
    ...ownTransitions(node).flatMap((transition) => [...transition.actions]),
    ...(node.type === 'compound' ? asList((node.config.initial as { actions?: unknown }).actions) : []),
  ].filter((action) => !isTimerBookkeeping(action));

const lintDelay = (node: AnyStateNode, delay: unknown, place: string, report: Report): void => {
  const { delays } = node.machine.implementations;
  if (typeof delay === 'string' && !(delay in delays)) {
    report(node, `${place}: delay \`${delay}\` is not in setup, so the timer would fire at once; declare it`);
  }
  const ms: unknown = typeof delay === 'string' ? delays[delay] : delay;
  if (typeof ms === 'number' && !(ms >= 0 && ms <= LONGEST_DELAY_MS)) {
    report(
      node,
      `${place}: ${ms} ms is not between 0 and 2^31 - 1, so the timer would fire at once; choose less`,
    );
  }
};

const lintDelays = (node: AnyStateNode, report: Report): void => {
  for (const transition of node.after) lintDelay(node, transition.delay, 'after', report);
  for (const action of allActions(node)) {
    const implementation = typeof action === 'string' ? node.machine.implementations.actions[action] : action;
    const { delay } = builtIn(implementation) ?? {};
    if (delay !== undefined) lintDelay(node, delay, describeAction(action).name, report);
  }
};

const guardNames = (guard: unknown): string[] => {
  const walk = (model: ReturnType<typeof guardModel>): string[] => {
    if ('and' in model) return model.and.flatMap(walk);
    if ('or' in model) return model.or.flatMap(walk);
    if ('not' in model) return walk(model.not);
    return 'name' in model ? [model.name] : [];
  };
  return walk(guardModel(guard));
};

const lintGuards = (node: AnyStateNode, report: Report): void => {
  const { guards } = node.machine.implementations;
  const seen = new Set<string>();
  const lintGuard = (guard: unknown, event: string): void => {
    for (const name of guardNames(guard)) {
      if (name === '(inline)') {
        report(node, `${event}: an inline guard has no name on the chart; move it to setup`);
      } else if (!(name in guards)) {
        report(
          node,
          `${event}: guard \`${name}\` is not in setup, so the machine would die on the event; declare it`,
        );
      } else if (!seen.has(name)) {
        seen.add(name);
        const implementation: unknown = guards[name];
        const combined = typeof implementation === 'function' && 'check' in implementation;
        if (combined) lintGuard(implementation, `${event}: in \`${name}\``);
      }
    }
  };
  for (const transition of ownTransitions(node)) {
    if (transition.guard !== undefined) lintGuard(transition.guard, transition.eventType || 'always');
  }
};

const lintActions = (node: AnyStateNode, report: Report): void => {
  const { actions } = node.machine.implementations;
  for (const action of allActions(node)) {
    const { name, inline } = describeAction(action);
    const found: BuiltIn | undefined = builtIn(action);
    if (inline)
      report(node, `an inline action${found ? ` (${name})` : ''} has no name on the chart; move it to setup`);
    else if (!found && !(name in actions)) {
      report(node, `action \`${name}\` is not in setup, so nothing would happen; declare it`);
    }
    const implementation = found ?? builtIn(actions[name]);
    if (implementation?.type === 'xstate.spawnChild')
      lintActor(node, implementation.src, 'spawnChild', report);
  }
};

const lintActor = (node: AnyStateNode, src: unknown, place: string, report: Report): void => {
  if (typeof src !== 'string') {
    report(
      node,
      `${place}: an inline actor has no name on the chart and cannot be restored; move it to setup`,
    );
  } else if (!(src in node.machine.implementations.actors)) {
    report(node, `${place}: actor \`${src}\` is not in setup, so nothing would start; declare it`);
  }
};

const lintInvokes = (node: AnyStateNode, report: Report): void => {
  for (const invoke of node.invoke) {
    const given = asList(node.config.invoke)[node.invoke.indexOf(invoke)] as { src?: unknown };
    lintActor(node, given.src, `invoke ${invoke.id}`, report);
    if (!listensTo(node, `xstate.error.actor.${invoke.id}`)) {
      report(
        node,
        `invoke ${invoke.id}: no onError, so its failure ends the whole machine; name a state for it`,
      );
    }
    const logic: unknown = node.machine.implementations.actors[String(given.src)];
    if (endsByItself(logic) && !listensTo(node, `xstate.done.actor.${invoke.id}`)) {
      report(
        node,
        `invoke ${invoke.id}: it ends but has no onDone, so nobody would notice; say what follows`,
      );
    }
  }
};

/** True for a promise and for a machine with a final state at its top; a listener (callback) never ends by itself. */
const endsByItself = (logic: unknown): boolean => {
  if (typeof logic !== 'object' || logic === null) return false;
  if ('root' in logic)
    return Object.values((logic as AnyStateMachine).root.states).some(({ type }) => type === 'final');
  if (!('transition' in logic) || typeof logic.transition !== 'function') return false;
  try {
    // Only promise logic answers its private event for "resolved"; callback logic has no state for this scope and throws.
    const asked = { type: 'xstate.promise.resolve', data: undefined };
    const answer: unknown = logic.transition({ status: 'active' }, asked, { self: {} });
    return (answer as Partial<AnyMachineSnapshot> | undefined)?.status === 'done';
  } catch {
    return false;
  }
};

const lintReach = (machine: AnyStateMachine, nodes: readonly AnyStateNode[], report: Report): void => {
  const reached = reachableStates(machine);
  for (const node of nodes) {
    if (node.type === 'history') continue;
    if (!reached.has(node)) report(node, 'no way in: no transition leads here; add one or remove the state');
    else if (node.type === 'atomic' && !hasWayOut(node)) {
      report(node, 'no way out: no transition leaves it; add one or make it final');
    }
  }
};
