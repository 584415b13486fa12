// `simulate-engine` on the command line; what it does is in simulate-engine.ts.
import { Command } from 'commander';
import { withExamples } from './node-options.js';
import type { CommandIo } from './output.js';
import type { Signals } from './start.js';

export const simulateEngineCommand = (io: CommandIo, signals: Signals): Command =>
  withExamples(
    new Command('simulate-engine')
      .description('run a vLLM-compatible engine that makes its text up: for trials and tests, no GPU needed')
      .option('--uds <path>', 'listen on this Unix socket')
      .option('--host <address>', 'listen on this address (default: 127.0.0.1)')
      .option('--port <number>', 'listen on this port; 0: any that is free (default: 8000)')
      .option('--served-model-name <names...>', 'models to serve, each as name or name:task')
      .option('--task <task>', 'task of models named without one: chat, completion or embedding')
      .option('--model <path>', 'directory that must exist; nothing is loaded from it')
      .option('--max-model-len <tokens>', 'context length')
      .option('--max-num-seqs <number>', 'requests worked on at once')
      .option('--seed <number>', 'seed of the made-up text')
      .option('--tokens-per-second <number>', 'speed of each stream; 0: as fast as possible')
      .option('--time-to-first-token-ms <ms>', 'pause before the first token')
      .option('--load-seconds <seconds>', 'time before it answers, as an engine that loads')
      .option(
        '--fault <fault...>',
        'slow, hang, crash, error-midstream, malformed, 503 or disconnect, with @N',
      )
      .option('--allow-prompt-faults', 'let a prompt trigger a fault: [[fault:crash@5]]')
      .option('--enable-force-include-usage', 'usage on every chunk, as vLLM’s flag of this name')
      .option('--max-logprobs <number>', 'most logprobs a request may ask for')
      .option('--embedding-dimensions <number>', 'length of embedding vectors')
      .option('--log-level <level>', 'what to log to stderr', 'warn'),
    [
      'simulate-engine --port 8000 --served-model-name demo-chat',
      'simulate-engine --uds /tmp/engine.sock --served-model-name demo-chat:chat demo-embed:embedding',
      'simulate-engine --port 0 --served-model-name demo-chat --fault crash@20 --tokens-per-second 40',
    ],
  ).action(async ({ logLevel, ...options }: Record<string, unknown>) => {
    const { pino } = await import('pino');
    const { runSimulateEngine } = await import('./simulate-engine.js');
    const logger = pino({ level: String(logLevel) }, { write: (line: string) => void io.stderr.write(line) });
    const code = await runSimulateEngine(options, { stdout: io.stdout, stderr: io.stderr, logger, signals });
    if (code !== 0) process.exitCode = code;
  });
