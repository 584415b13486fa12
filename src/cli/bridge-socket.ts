// `bridge-socket` on the command line: runs in the network of an engine's container, in very little memory.
import { Command, InvalidArgumentError } from 'commander';
import type { CommandIo } from './output.js';
import type { Signals } from './start.js';

interface BridgeSocketOptions {
  readonly uds: string;
  readonly port: number;
  readonly maxConnections: number;
}

const numberUpTo =
  (max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < 1 || value > max) {
      throw new InvalidArgumentError(`a number from 1 to ${max}`);
    }
    return value;
  };

export const bridgeSocketCommand = (io: CommandIo, signals: Signals): Command =>
  new Command('bridge-socket')
    .description(
      'pass connections of a Unix socket on to a port of this host: for engines that know only TCP',
    )
    .requiredOption('--uds <path>', 'listen on this Unix socket; one that nobody listens on is replaced')
    .requiredOption('--port <number>', 'port on 127.0.0.1 to connect to', numberUpTo(65_535))
    .option('--max-connections <number>', 'connections open at once', numberUpTo(65_535), 1_024)
    .addHelpText(
      'after',
      '\nExamples:\n  $ resultity-node bridge-socket --uds=/run/engine/engine.sock --port=8000',
    )
    .action(async ({ uds, port, maxConnections }: BridgeSocketOptions) => {
      const { startBridge } = await import('../runtimes/bridge/start-bridge.js');
      const stopped = new Promise<void>((resolve) => {
        signals.on('SIGTERM', resolve);
        signals.on('SIGINT', resolve);
      });
      const bridge = await startBridge({ socketPath: uds, port, maxConnections });
      io.stdout.write(`${JSON.stringify({ event: 'bridge.bound', socket: uds, port, pid: process.pid })}\n`);
      await stopped;
      await bridge.close();
    });
