// A spec and a logger for tests of the drivers.
import { type Logger, pino } from 'pino';
import type { RuntimeModel, RuntimeSpec } from '../../../src/adapters/runtime/runtime-driver.js';

export const modelOf = (id: string, change: Partial<RuntimeModel> = {}): RuntimeModel => ({
  id,
  digest: `sha256:${'1'.repeat(64)}`,
  path: `/models/${id}`,
  tasks: ['chat'],
  ...change,
});

export const spec = (change: Partial<RuntimeSpec> = {}): RuntimeSpec => ({
  specHash: `sha256:${'0'.repeat(64)}`,
  engine: 'simulator',
  models: [modelOf('m')],
  maxConcurrent: 4,
  contextTokens: 1024,
  image: undefined,
  bridgeImage: undefined,
  flags: {},
  gpus: [],
  memoryBytes: undefined,
  sharedMemoryBytes: undefined,
  origin: { network: 'testnet', configDigest: `sha256:${'2'.repeat(64)}` },
  ...change,
});

/** Keeps every line as an object. */
export const recordingLogger = (): { logger: Logger; lines: Record<string, unknown>[] } => {
  const lines: Record<string, unknown>[] = [];
  const logger = pino({ level: 'debug' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  return { logger, lines };
};
