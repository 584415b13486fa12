// The real receiver of @xstate/inspect as a process of its own: it belongs to XState 4, the node runs on XState 5.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { atTheEnd } from '../e2e/processes.js';

const PROGRAM = fileURLToPath(new URL('../classic-inspector/receiver/receive.ts', import.meta.url));

const seen = {
  sessionId: z.string(),
  active: z.array(z.string()),
  context: z.record(z.string(), z.unknown()),
};

/** What the receiver prints. */
const line = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('service.register'),
    ...seen,
    id: z.string(),
    parent: z.string().nullable(),
    machine: z.string(),
  }),
  z.object({ type: z.literal('service.state'), ...seen, event: z.string() }),
  z.object({
    type: z.literal('service.event'),
    sessionId: z.string(),
    event: z.string(),
    from: z.string().nullable(),
  }),
  z.object({ type: z.literal('service.stop'), sessionId: z.string() }),
  z.object({ type: z.literal('complaint'), words: z.array(z.string()) }),
]);
export type ReceiverLine = z.infer<typeof line>;

export interface ClassicReceiver {
  readonly lines: readonly ReceiverLine[];
  /** Everything it printed, complaints of Node included. */
  readonly text: () => string;
  /** Asks the daemon to send an event to the actor. */
  sendEvent(sessionId: string): void;
  readonly ended: Promise<number | null>;
}

export const startClassicReceiver = (port: number): ClassicReceiver => {
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, `127.0.0.1:${port}`], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  atTheEnd(() => {
    child.kill('SIGKILL');
    return ended;
  });
  const lines: ReceiverLine[] = [];
  let text = '';
  createInterface({ input: child.stdout }).on('line', (printed) => {
    text += `${printed}\n`;
    lines.push(line.parse(JSON.parse(printed)));
  });
  child.stderr.on('data', (printed: Buffer) => {
    text += printed;
    lines.push({ type: 'complaint', words: [String(printed)] });
  });
  return {
    lines,
    text: () => text,
    sendEvent: (sessionId) => void child.stdin.write(`${sessionId}\n`),
    ended,
  };
};
