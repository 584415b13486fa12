// Follows the daemon's Runtime: says when it went back to an older one, and knows when no engine of ours runs any more.
import type { Logger } from 'pino';
import type { ActorRefFrom } from 'xstate';
import type { runtimeMachine } from '../machines/runtime-machine.js';

/** @returns resolves once the Runtime's statechart has ended */
export const watchRuntime = (runtime: ActorRefFrom<typeof runtimeMachine>, logger: Logger): Promise<void> => {
  runtime.on('runtime.rolledBack', ({ from, to, failure }) =>
    logger.error(
      { event: 'runtime.rolled_back', from, to, code: failure?.code, advice: failure?.advice },
      `the new Runtime does not work, the old one is taken up again: ${failure?.message}`,
    ),
  );

  return new Promise<void>((resolve) => {
    runtime.subscribe({
      error: (error) => {
        logger.fatal({ event: 'runtime.crashed', err: error }, 'the Runtime’s statechart failed');
        resolve();
      },
      complete: () => resolve(),
    });
  });
};
