// `start`: the node in the foreground. The first signal drains, the second interrupts jobs, the third leaves at once. One
// that comes while the node is still being put together is kept for it.
import { Command, InvalidArgumentError } from 'commander';
import type { MachineRecorder } from '../daemon/record-machines.js';
import { NodeError } from '../errors.js';
import { EXIT } from './exit-codes.js';
import { type NodeOptions, settingsOf, withSettings } from './node-options.js';
import { type CommandIo, note } from './output.js';

/** Where signals come from: the process, or a test. */
export interface Signals {
  on(signal: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
  off(signal: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
}

/** A failure that ended the daemon, with its own code and advice. */
class DaemonEndedError extends NodeError {
  readonly retryable: boolean;

  constructor(
    readonly code: string,
    message: string,
    retryable: boolean,
    advice: string | undefined,
  ) {
    super(message, advice === undefined ? {} : { advice });
    this.retryable = retryable;
  }
}

/** To the first order to stop, and to the second. */
const SAID = [
  'Stopping: running jobs may finish. A second signal interrupts them.',
  'Interrupting running jobs and handing them back. A third signal leaves at once.',
];

interface StartOptions extends NodeOptions {
  readonly record?: string;
  readonly recordBytes?: number;
}

/** Some days of a busy node. */
const RECORD_BYTES = 256 * 1024 ** 2;
const MIN_RECORD_BYTES = 64 * 1024;

const recordBytes = (text: string): number => {
  const bytes = Number(text);
  if (!Number.isSafeInteger(bytes) || bytes < MIN_RECORD_BYTES) {
    throw new InvalidArgumentError(`bytes, from ${MIN_RECORD_BYTES}`);
  }
  return bytes;
};

const startRecorder = async (path: string, maxBytes: number, io: CommandIo): Promise<MachineRecorder> => {
  const { recordMachines } = await import('../daemon/record-machines.js');
  const onEnd = (reason: string): void =>
    note(io, `The recording ${path} is over: ${reason}. The node goes on.`);
  return recordMachines({ path, maxBytes, onEnd });
};

export const startCommand = (io: CommandIo, signals: Signals): Command =>
  withSettings(new Command('start').description('run the node in the foreground'), [
    'start --network-url https://io.network.example',
    'start --network-url http://127.0.0.1:7530 --runtime-engine simulator',
    'start --runtime-driver external --runtime-url http://127.0.0.1:8000',
    'start --record node.ndjson',
  ])
    .option(
      '--record <file>',
      'write down every event of the statecharts, for `replay`; holds no prompt and no key',
    )
    .option('--record-bytes <bytes>', `how large that file may grow (default: ${RECORD_BYTES})`, recordBytes)
    .action(async ({ record, recordBytes: maxBytes, ...options }: StartOptions) => {
      const { config } = settingsOf(options, io);
      if (io.signal.aborted) {
        note(io, 'Told to stop before the node was started.');
        return;
      }
      let orders = 0;
      let stop = (): void => undefined;
      const order = (): void => {
        orders++;
        if (orders > 2) process.exit(EXIT.cutShort);
        note(io, SAID[orders - 1] ?? '');
        stop();
      };
      signals.on('SIGTERM', order);
      signals.on('SIGINT', order);
      let recorder: MachineRecorder | undefined;
      try {
        const { startDaemon } = await import('../main.js');
        if (record !== undefined) recorder = await startRecorder(record, maxBytes ?? RECORD_BYTES, io);
        const daemon = await startDaemon(config, io.stdout, recorder && { inspect: recorder.inspect });
        stop = daemon.stop;
        for (let given = 0; given < orders; given++) stop();
        const failure = await daemon.ended;
        if (failure !== null) {
          throw new DaemonEndedError(failure.code, failure.message, failure.retryable, failure.advice);
        }
      } finally {
        await recorder?.close();
        signals.off('SIGTERM', order);
        signals.off('SIGINT', order);
      }
    });
