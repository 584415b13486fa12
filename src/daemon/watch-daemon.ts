// Follows the daemon's two root actors: logs each stage as it is reached, tells the heart when there is news for the
// network, and knows when everything is over.
import type { Logger } from 'pino';
import type { ActorRefFrom, SnapshotFrom } from 'xstate';
import type { Failure } from '../errors.js';
import { toFailure } from '../errors.js';
import type { NodeActor } from '../machines/node-machine.js';
import type { runtimeMachine } from '../machines/runtime-machine.js';
import { stageOf } from '../machines/stage.js';

export interface DaemonWatch {
  /** Orders the node to stop, and again should it halt on the way: halted, it would wait for its owner. */
  stop(): void;
  /** @returns how to stop listening */
  onNews(beat: () => void): () => void;
  /** The failure that ended it, or null for a clean stop. */
  readonly nodeEnded: Promise<Failure | null>;
  readonly runtimeGone: Promise<void>;
}

type NodeSnapshot = SnapshotFrom<NodeActor>;

/** What the network schedules by; a change is worth a heartbeat out of turn. */
const newsOf = (snapshot: NodeSnapshot): string =>
  JSON.stringify([
    snapshot.context.models.map(({ digest, state }) => [digest, state]),
    snapshot.context.config?.digest,
    (['draining', 'paused', 'stopping'] as const).some((work) => snapshot.matches({ operating: { work } })),
  ]);

export const watchDaemon = (parts: {
  readonly node: NodeActor;
  readonly runtime: ActorRefFrom<typeof runtimeMachine>;
  readonly logger: Logger;
}): DaemonWatch => {
  const { node, runtime, logger } = parts;
  const listeners = new Set<() => void>();
  let stage = '';
  let news = '';
  let problem = '';
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

  const nodeEnded = new Promise<Failure | null>((resolve) => {
    node.subscribe({
      next: (snapshot) => {
        logStage(snapshot);
        logProblem(snapshot);
        if (isStopping && snapshot.matches('halted')) queueMicrotask(() => node.send({ type: 'node.stop' }));
        const now = newsOf(snapshot);
        if (now !== news) {
          news = now;
          for (const listener of listeners) listener();
        }
      },
      error: (error) => {
        logger.fatal({ event: 'node.crashed', err: error }, 'the node’s statechart failed');
        resolve(toFailure(error));
      },
      complete: () => resolve(null),
    });
  });

  runtime.on('runtime.rolledBack', ({ from, to, failure }) =>
    logger.error(
      { event: 'runtime.rolled_back', from, to, code: failure?.code, advice: failure?.advice },
      `the new Runtime does not work, the old one is taken up again: ${failure?.message}`,
    ),
  );

  const runtimeGone = new Promise<void>((resolve) => {
    runtime.subscribe({
      error: (error) => {
        logger.fatal({ event: 'runtime.crashed', err: error }, 'the Runtime’s statechart failed');
        resolve();
      },
      complete: () => resolve(),
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
    nodeEnded,
    runtimeGone,
  };
};
