// Engine, Agent and network for a benchmark. The network runs in this process and hands jobs in at its desk, so that no
// HTTP of a client is measured; engine and Agent are processes of their own, as in life.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { createEngineClient } from '../src/adapters/engine/undici-engine-client.js';
import { demoEngine } from '../src/cli/demo/demo-engine.js';
import { CHAT_MODEL } from '../src/cli/demo/demo-models.js';
import { startDemoNetwork } from '../src/cli/demo/demo-network.js';
import { claimDemoNode } from '../src/cli/demo/demo-node.js';
import { createControlClient } from '../src/console/control-client.js';
import { controlSocketOf } from '../src/console/control-socket.js';
import type { RunStream } from './load.js';

const BINARY = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

export interface BenchSystem {
  readonly direct: RunStream;
  readonly throughAgent: RunStream;
  /** As a power cut to the process: no goodbye. */
  killAgent(): Promise<void>;
  /** Resolves once nothing stands between it and a job. */
  startAgent(): Promise<void>;
  close(): Promise<void>;
}

const started = (args: readonly string[]): ChildProcess =>
  spawn(process.execPath, [BINARY, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });

const firstLine = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    if (child.stdout === null) throw new Error('no stdout');
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`a process of the benchmark ended with ${code}`)));
  });

const request = (index: number, tokens: number) => ({
  model: CHAT_MODEL,
  messages: [{ role: 'user' as const, content: `benchmark ${index}` }],
  max_tokens: tokens,
  seed: index,
});

export const startBenchSystem = async (slots: number): Promise<BenchSystem> => {
  const directory = await mkdtemp(join(tmpdir(), 'rn-bench-'));
  const socket = join(directory, 'engine.sock');
  const models = [`${CHAT_MODEL}:chat`, 'demo-embed:embedding'];
  const engine = started([
    'simulate-engine',
    ...[
      '--uds',
      socket,
      '--max-num-seqs',
      String(slots),
      '--max-model-len',
      '8192',
      '--enable-force-include-usage',
    ],
    ...['--served-model-name', ...models],
  ]);
  await firstLine(engine);
  const network = await startDemoNetwork(
    directory,
    { port: 0, slots },
    demoEngine({ engine: 'simulator' }),
    pino({ level: 'silent' }),
  );
  const dataDir = join(directory, 'node');
  const control = createControlClient(controlSocketOf(dataDir), dataDir);
  const begin = (): ChildProcess => {
    const child = started([
      'start',
      ...['--data-dir', dataDir, '--network-url', network.url, '--log-level', 'info', '--log-format', 'json'],
      ...['--runtime-driver', 'external', '--runtime-engine', 'simulator', '--runtime-socket', socket],
    ]);
    child.stdout?.resume();
    return child;
  };
  const serves = async (): Promise<boolean> => (await control.status()).idleReason === null;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const gone = new Promise((resolve) => agent.once('close', resolve));
    agent.kill(signal);
    await gone;
  };
  let agent = begin();
  await until(async () => (await control.status()).network.connected);
  await claimDemoNode(directory, network, new AbortController().signal);
  await until(serves);

  const client = createEngineClient({ kind: 'unix', path: socket });
  return {
    direct: async (index, tokens, onChunk) => {
      const body = { ...request(index, tokens), stream: true, stream_options: { include_usage: true } };
      await client.stream('chat.completions', body, onChunk, new AbortController().signal);
    },
    throughAgent: async (index, tokens, onChunk) => {
      const handle = await network.desk.submit({
        namespace: network.namespace,
        request: { endpoint: 'chat.completions', body: { ...request(index, tokens), stream: true } },
        mode: 'stream',
        ttlMs: 120_000,
        priority: 5,
      });
      for await (const event of handle.events) {
        if (event.type === 'chunk') onChunk();
        if (event.type === 'failed') throw new Error(`a job of the benchmark failed: ${event.refusal.code}`);
      }
    },
    killAgent: () => end('SIGKILL'),
    startAgent: async () => {
      agent = begin();
      await until(serves);
    },
    close: async () => {
      await end('SIGTERM');
      await client.close();
      engine.kill('SIGTERM');
      await network.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
};

const until = async (holds: () => Promise<boolean>): Promise<void> => {
  for (let turn = 0; turn < 3_000; turn++) {
    if (await holds().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('the system did not get ready within a minute');
};
