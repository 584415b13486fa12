// `simulate-engine`: the simulator as a process of its own, to try a node without a GPU.
import type { Logger } from 'pino';
import type { SimulatorOptionsInput } from '../runtimes/simulator/options.js';
import { startSimulator } from '../runtimes/simulator/simulator.js';

export interface SimulateEngineIo {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  readonly logger: Logger;
  /** Where SIGTERM and SIGINT come from: the process. */
  readonly signals: {
    on(signal: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
    off(signal: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
  };
  /** Ends the process when the fault `crash` strikes; without it, the process really ends. */
  readonly exit?: (code: number) => void;
}

/**
 * Runs until SIGTERM or SIGINT, which cut every stream. Prints one JSON line on stdout with the address it has taken.
 * @returns exit code: 0 after a signal, 1 when the address was lost while it was loading
 * @throws SimulatorOptionsError, SimulatorListenError with advice
 */
export const runSimulateEngine = async (
  options: SimulatorOptionsInput,
  io: SimulateEngineIo,
): Promise<number> => {
  const simulator = await startSimulator(options, {
    logger: io.logger,
    ...(io.exit === undefined ? {} : { exit: io.exit }),
  });
  io.stderr.write('This is the Resultity engine simulator, not an inference engine: its text is made up.\n');
  const line = {
    event: 'simulator.bound',
    simulator: true,
    address: simulator.address,
    models: simulator.models,
    pid: process.pid,
  };
  io.stdout.write(`${JSON.stringify(line)}\n`);
  return new Promise<number>((resolve, reject) => {
    const stop = (code: number) => {
      io.signals.off('SIGTERM', onSignal);
      io.signals.off('SIGINT', onSignal);
      simulator.close().then(() => resolve(code), reject);
    };
    const onSignal = () => stop(0);
    io.signals.on('SIGTERM', onSignal);
    io.signals.on('SIGINT', onSignal);
    simulator.ready.catch(() => stop(1));
  });
};
