// Follows one network's node: logs each stage as it is reached, tells the heart when there is news for the network, and
// knows when it is over.
import type { Logger } from 'pino';
import type { SnapshotFrom } from 'xstate';
import type { Failure } from '../errors.js';
import { toFailure } from '../errors.js';
import type { NodeActor } from '../machines/node-machine.js';
import { stageOf } from '../machines/stage.js';

export interface NodeWatch {
  /** Orders the node to stop, and again should it halt on the way: halted, it would wait for its owner. */
  stop(): void;
  /** @returns how to stop listening */
  onNews(beat: () => void): () => void;
  /** The failure that ended it, or null for a clean stop. */
  readonly ended: Promise<Failure | null>;
  /** Resolves once it halted or ended. */
  readonly outOfService: Promise<void>;
}

type NodeSnapshot = SnapshotFrom<NodeActor>;

/** What the network schedules by; a change is worth a heartbeat out of turn. */
const newsOf = (snapshot: NodeSnapshot): string =>
  JSON.stringify([
    snapshot.context.models.map(({ digest, state }) => [digest, state]),
    snapshot.context.config?.digest,
    snapshot.context.order,
    (['draining', 'paused', 'stopping'] as const).some((work) => snapshot.matches({ operating: { work } })),
  ]);

export const watchNode = (node: NodeActor, logger: Logger): NodeWatch => {
  const listeners = new Set<() => void>();
  let stage = '';
  let news = '';
  let problem = '';
  let isTaken = false;
  let isStopping = false;

  const logStage = (snapshot: NodeSnapshot): void => {
    const now = stageOf(snapshot);
    if (now === stage) return;
    const from = stage;
    stage = now;
    const { failure } = snapshot.context;
    if (now === 'halted') {
      logger.error(
        { event: 'node.halted', code: failure?.code, advice: failure?.advice },
        failure?.message ?? 'halted',
      );
    } else {
      logger.info({ event: 'node.stage', stage: now, from }, `stage: ${now}`);
    }
  };

  /** What keeps the node from going on, said once per kind of problem and not once per attempt. */
  const logProblem = ({ context }: NodeSnapshot): void => {
    const now = context.failure?.code ?? '';
    if (now === problem) return;
    problem = now;
    if (context.failure === null) return;
    const { code, message, advice, retryable } = context.failure;
    logger.warn({ event: 'node.problem', code, advice, retryable }, message);
  };

  /** Whose the Runtime is now is no other network's affair: it is not named here. */
  const logTaken = ({ context }: NodeSnapshot): void => {
    const now = context.taken !== null;
    if (now === isTaken) return;
    isTaken = now;
    if (now)
      logger.info({ event: 'runtime.taken' }, 'the Runtime serves another network, which the owner prefers');
    else logger.info({ event: 'runtime.returned' }, 'the Runtime is no longer kept by another network');
  };

  let leave = (): void => {};
  const outOfService = new Promise<void>((resolve) => {
    leave = resolve;
  });

  const ended = new Promise<Failure | null>((resolve) => {
    node.subscribe({
      next: (snapshot) => {
        logStage(snapshot);
        logProblem(snapshot);
        logTaken(snapshot);
        if (snapshot.matches('halted')) leave();
        if (isStopping && snapshot.matches('halted')) queueMicrotask(() => node.send({ type: 'node.stop' }));
        const now = newsOf(snapshot);
        if (now !== news) {
          news = now;
          for (const listener of listeners) listener();
        }
      },
      error: (error) => {
        logger.fatal({ event: 'node.crashed', err: error }, 'the node’s statechart failed');
        leave();
        resolve(toFailure(error));
      },
      complete: () => {
        leave();
        resolve(null);
      },
    });
  });

  return {
    stop: () => {
      isStopping = true;
      node.send({ type: 'node.stop' });
    },
    onNews: (beat) => {
      listeners.add(beat);
      return () => listeners.delete(beat);
    },
    ended,
    outOfService,
  };
};
