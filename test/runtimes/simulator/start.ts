// Starts simulators for tests: quiet, on a port of the system, closed when the test is over.
import pino from 'pino';
import { onTestFinished } from 'vitest';
import type { SimulatorOptionsInput } from '../../../src/runtimes/simulator/options.js';
import {
  type Simulator,
  type SimulatorParts,
  startSimulator,
} from '../../../src/runtimes/simulator/simulator.js';

export interface Started extends Simulator {
  readonly url: string;
}

/** 2026-01-01T00:00:00Z in milliseconds, so that answers repeat byte for byte. */
export const FIXED_NOW = 1_767_225_600_000;

export const start = async (
  options: SimulatorOptionsInput = {},
  parts: Partial<SimulatorParts> = {},
): Promise<Started> => {
  const simulator = await startSimulator(
    { port: 0, ...options },
    { logger: pino({ level: 'silent' }), now: () => FIXED_NOW, ...parts },
  );
  onTestFinished(() => simulator.close());
  const { address } = simulator;
  return { ...simulator, url: address.kind === 'tcp' ? address.url : 'http://localhost' };
};

export const post = (url: string, path: string, body: unknown, signal?: AbortSignal): Promise<Response> =>
  fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });

/** The `data:` texts of a whole stream. */
export const dataLines = (text: string): string[] =>
  text
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => block.replace(/^data: /, ''));

/** Value of a metric without looking at its labels; NaN when it is missing. */
export const metric = async (url: string, name: string, label = ''): Promise<number> => {
  const text = await (await fetch(`${url}/metrics`)).text();
  const line = text.split('\n').find((one) => one.startsWith(`${name}{`) && one.includes(label));
  return Number(line?.split(' ').at(-1) ?? Number.NaN);
};

export const chatBody = (extra: Record<string, unknown> = {}): Record<string, unknown> => ({
  model: 'simulated-model',
  messages: [{ role: 'user', content: 'Tell me about the river.' }],
  ...extra,
});
