// Tells each stage of the node's life as it is reached.
import type { NodeStatus, NodeView } from '../../console/node-view.js';
import { DemoFailedError } from './demo-errors.js';

type Say = (text: string) => void;

const haltedError = ({ failure }: NodeStatus): DemoFailedError =>
  new DemoFailedError(
    `the node halted: ${failure?.message ?? 'unknown'} [${failure?.code ?? '?'}]`,
    failure?.advice === undefined ? {} : { advice: failure.advice },
  );

/** Lines that become true one after the other; each is said once. */
const MILESTONES: readonly {
  readonly when: (status: NodeStatus) => boolean;
  readonly say: (status: NodeStatus, engineRemark: string) => string;
}[] = [
  { when: ({ nodeId }) => nodeId !== null, say: ({ nodeId }) => `setup       identity made: ${nodeId}` },
  {
    when: ({ network, stage }) => network.name !== null && stage !== 'setup',
    say: ({ network }) => `registered  with ${network.name}`,
  },
  {
    when: ({ network }) => network.connected,
    say: () => 'connected   authenticated session, heartbeats run',
  },
  {
    when: ({ config }) => config !== null,
    say: ({ config }) => `syncing     configuration version ${config?.version} verified and applied`,
  },
  {
    when: ({ runtime }) => runtime.state === 'ready',
    say: ({ runtime }, engineRemark) =>
      `runtime     ready: ${runtime.engine} ${runtime.version ?? ''} (${engineRemark})`,
  },
  {
    when: ({ models }) => models.length > 0 && models.every(({ state }) => state === 'active'),
    say: ({ models }) => `models      downloaded, verified, tested: ${models.map(({ id }) => id).join(', ')}`,
  },
  {
    when: ({ network }) => network.account !== null,
    say: ({ network }) => `claimed     by ${network.account}`,
  },
];

export const tellStages = (view: NodeView, engineRemark: string, say: Say): (() => void) => {
  const told = new Set<number>();
  const look = (): void => {
    const status = view.status();
    for (const [index, { when, say: words }] of MILESTONES.entries()) {
      if (told.has(index) || !when(status)) continue;
      told.add(index);
      say(words(status, engineRemark));
    }
  };
  look();
  return view.onChange(look);
};

/**
 * Resolves once the status fulfils the condition.
 * @throws Error with what is missing after `limitMs`, or at once when the node halted
 */
export const untilStatus = (
  view: NodeView,
  holds: (status: NodeStatus) => boolean,
  limitMs: number,
  what: string,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      clearInterval(poll);
      forget();
      settle();
    };
    const look = (): void => {
      const status = view.status();
      if (holds(status)) end(resolve);
      else if (status.stage === 'halted') end(() => reject(haltedError(status)));
    };
    const timer = setTimeout(
      () =>
        end(() =>
          reject(
            new DemoFailedError(
              `not within ${limitMs / 1000} s: ${what} (${view.status().idleReason ?? view.status().stage})`,
            ),
          ),
        ),
      limitMs,
    );
    // Some facts (the network's last answer, the outbox) change without a transition.
    const poll = setInterval(look, 50);
    const forget = view.onChange(() => queueMicrotask(look));
    look();
  });
