// A stand-in for vLLM: its API, its timing and its ways to fail, with text that is made up. It says so wherever it can.
import { statSync } from 'node:fs';
import type { Logger } from 'pino';
import type { EngineAddress } from '../../adapters/engine/engine-client.js';
import { Engine } from './engine.js';
import { Handlers } from './handlers.js';
import { createHttpFace, IMITATED_VERSION } from './http-face.js';
import { bind, bindAndOpen, type ListenTarget } from './listen.js';
import { Metrics } from './metrics.js';
import {
  type Fault,
  parseSimulatorOptions,
  SimulatorOptionsError,
  type SimulatorOptionsInput,
} from './options.js';
import { fingerprint } from './random.js';

export interface Simulator {
  readonly address: EngineAddress;
  readonly models: readonly string[];
  /** Settles when it serves: at once, or after `loadSeconds`. Rejects when the port was lost meanwhile. */
  readonly ready: Promise<void>;
  /** Aborts every stream, closes every connection, removes the socket. */
  close(): Promise<void>;
}

export interface SimulatorParts {
  readonly logger: Logger;
  /** Ends the process when the fault `crash` strikes. */
  readonly exit?: (code: number) => void;
  /** Unix time in milliseconds; fixed, every answer is the same byte for byte. */
  readonly now?: () => number;
}

/** vLLM ends with status 0 when its engine core has died (vllm-project/vllm #48966). */
const CRASH_EXIT_CODE = 0;

const checkModel = (path: string | undefined): void => {
  if (path === undefined || statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw new SimulatorOptionsError(
    `Invalid repository ID or local directory specified: ${path} is not a directory`,
    { advice: 'Give the path of the model directory, or leave --model out.' },
  );
};

/**
 * Starts the simulator. Resolves when its address is taken; see `ready` for when it serves.
 * @throws SimulatorOptionsError which option is wrong
 * @throws SimulatorListenError the address is in use
 */
export const startSimulator = async (
  input: SimulatorOptionsInput,
  parts: SimulatorParts,
): Promise<Simulator> => {
  const options = parseSimulatorOptions(input);
  checkModel(options.model);
  const { logger, now = Date.now, exit = (code: number) => process.exit(code) } = parts;
  const struck = ({ kind }: Pick<Fault, 'kind'>): void =>
    logger.warn({ event: 'simulator.fault', fault: kind }, 'a simulated fault has struck');

  const metrics = new Metrics(options.models[0]?.name ?? '');
  const engine = new Engine(
    {
      maxNumSeqs: options.maxNumSeqs,
      cacheTokens: options.maxNumSeqs * options.maxModelLen,
      tokensPerSecond: options.tokensPerSecond,
      timeToFirstTokenMs: options.timeToFirstTokenMs,
      struck: (kind) => struck({ kind }),
      crash: () => {
        void tearDown(); // a dead process waits for nothing
        exit(CRASH_EXIT_CODE);
      },
    },
    metrics,
  );
  const configuration = fingerprint(JSON.stringify(options.models), options.maxModelLen, options.seed).slice(
    0,
    8,
  );
  const handlers = new Handlers({
    options,
    engine,
    fingerprint: `simulator-${IMITATED_VERSION}-${configuration}`,
    now,
    struck,
  });
  const server = createHttpFace({ options, handlers, engine, metrics, now, logger });

  const wanted: ListenTarget =
    options.uds === undefined
      ? { kind: 'tcp', host: options.host, port: options.port }
      : { kind: 'unix', path: options.uds };
  const bound = options.loadSeconds === 0 ? await bindAndOpen(server, wanted) : await bind(server, wanted);

  let loading: NodeJS.Timeout | undefined;
  const tearDown = (): Promise<void> => {
    clearTimeout(loading);
    engine.stop();
    const closed = new Promise<void>((resolve) => server.close(() => resolve())); // an error: it was not open
    server.closeAllConnections();
    return closed;
  };
  const ready =
    options.loadSeconds === 0
      ? Promise.resolve()
      : new Promise<void>((resolve, reject) => {
          loading = setTimeout(() => bound.open().then(resolve, reject), options.loadSeconds * 1000);
        });

  ready.catch((err: unknown) => {
    logger.error(
      { event: 'simulator.listenFailed', err },
      'the address was lost while the simulator was loading',
    );
  });

  return {
    address: addressOf(bound.target),
    models: options.models.map(({ name }) => name),
    ready,
    close: async () => {
      await tearDown();
      bound.release();
    },
  };
};

const addressOf = (target: ListenTarget): EngineAddress => {
  if (target.kind === 'unix') return target;
  const host = target.host.includes(':') ? `[${target.host}]` : target.host;
  return { kind: 'tcp', url: `http://${host}:${target.port}` };
};
