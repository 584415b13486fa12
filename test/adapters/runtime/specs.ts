// A spec and a logger for tests of the drivers.
import { type Logger, pino } from 'pino';
import type { RuntimeSpec } from '../../../src/adapters/runtime/runtime-driver.js';

export const spec = (change: Partial<RuntimeSpec> = {}): RuntimeSpec => ({
  specHash: `sha256:${'0'.repeat(64)}`,
  engine: 'simulator',
  models: [{ id: 'm', path: '/models/m', tasks: ['chat'] }],
  maxConcurrent: 4,
  contextTokens: 1024,
  ...change,
});

/** Keeps every line as an object. */
export const recordingLogger = (): { logger: Logger; lines: Record<string, unknown>[] } => {
  const lines: Record<string, unknown>[] = [];
  const logger = pino({ level: 'debug' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  return { logger, lines };
};
