// `healthcheck`: whether the daemon is well, as an exit code and one line, for whatever looks after a container. Well is
// a node that can go on by itself: one without a network or an engine waits for them, and a restart would not help.
import { Command } from 'commander';
import { isHalted } from '../console/health.js';
import { NodeError, toFailure } from '../errors.js';
import { answer, daemonOf, type NodeOptions, withPlace } from './node-options.js';
import type { CommandIo } from './output.js';

/** The daemon does not answer, or only its owner can help it. The exit code is 1, whatever lies behind it. */
class UnhealthyError extends NodeError {
  readonly code = 'UNHEALTHY';
  readonly retryable = false;
}

export const healthcheckCommand = (io: CommandIo): Command =>
  withPlace(new Command('healthcheck').description('exit with 0 if the running node is well, else with 1'), [
    'healthcheck',
    'healthcheck --json | jq .stage',
  ]).action(async (options: NodeOptions) => {
    const status = await statusOf(options, io);
    const { stage, runtime, failure } = status;
    // One network that waits for its owner is no reason to take the others down with it.
    if (isHalted(status)) {
      throw new UnhealthyError(`halted: ${failure?.message ?? 'the node waits for its owner'}`, {
        details: { reason: failure?.code ?? null },
      });
    }
    answer(io, options, { healthy: true, stage, runtime: runtime.state }, (well) =>
      io.stdout.write(`healthy: ${well.stage}, Runtime ${well.runtime}\n`),
    );
  });

const statusOf = async (options: NodeOptions, io: CommandIo) => {
  try {
    return await daemonOf(options, io).status();
  } catch (cause) {
    const { code, message } = toFailure(cause);
    throw new UnhealthyError(message, { cause, details: { reason: code } });
  }
};
