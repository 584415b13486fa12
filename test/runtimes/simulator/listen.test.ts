// Addresses, loading, options, and the verb of the command line.
import { EventEmitter } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { runSimulateEngine } from '../../../src/cli/simulate-engine.js';
import { parseSimulatorOptions } from '../../../src/runtimes/simulator/options.js';
import { startSimulator } from '../../../src/runtimes/simulator/simulator.js';
import { chatBody, post, start } from './start.js';

const logger = pino({ level: 'silent' });

const directory = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'sim-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

const overSocket = (
  socketPath: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; text: string }> =>
  new Promise((resolve, reject) => {
    const call = request(
      {
        socketPath,
        path,
        method: body === undefined ? 'GET' : 'POST',
        headers: { 'content-type': 'application/json' },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => {
          text += part;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    call.on('error', reject);
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });

/** The code a connection attempt fails with; 'open' when it does not. */
const dial = (socketPath: string): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect(socketPath, () => {
      socket.destroy();
      resolve('open');
    });
    socket.on('error', (error) => resolve('code' in error ? String(error.code) : error.message));
  });

describe('a Unix socket', () => {
  test('serves plain and streamed answers, and is removed at the end', async () => {
    const path = join(directory(), 'engine.sock');
    const simulator = await start({ uds: path });
    expect(simulator.address).toEqual({ kind: 'unix', path });
    expect((await overSocket(path, '/health')).status).toBe(200);
    const stream = await overSocket(path, '/v1/chat/completions', chatBody({ stream: true, max_tokens: 3 }));
    expect(stream.text).toMatch(/data: \[DONE\]\n\n$/);
    await simulator.close();
    expect(existsSync(path)).toBe(false);
  });

  test.each([0, 60])(
    'that exists already is refused and left alone (load seconds %i)',
    async (loadSeconds) => {
      const path = join(directory(), 'engine.sock');
      writeFileSync(path, 'mine');
      await expect(startSimulator({ uds: path, loadSeconds }, { logger })).rejects.toMatchObject({
        code: 'SIMULATOR_LISTEN_FAILED',
        advice: expect.stringContaining('Remove the socket file'),
      });
      expect(existsSync(path)).toBe(true);
      expect(existsSync(`${path}~`)).toBe(false);
    },
  );

  test('is there and refuses until the model has loaded', async () => {
    const path = join(directory(), 'engine.sock');
    const simulator = await start({ uds: path, loadSeconds: 0.3 });
    expect(existsSync(path)).toBe(true);
    expect(await dial(path)).toBe('ECONNREFUSED');
    await simulator.ready;
    expect(await dial(path)).toBe('open');
    await simulator.close();
    expect(existsSync(path)).toBe(false);
  });

  test('can be given up while the model loads', async () => {
    const path = join(directory(), 'engine.sock');
    const simulator = await start({ uds: path, loadSeconds: 3_600 });
    await simulator.close();
    expect(existsSync(path)).toBe(false);
  });
});

describe('a port', () => {
  test('is refused until the model has loaded, and known before', async () => {
    const simulator = await start({ loadSeconds: 0.2 });
    expect(simulator.url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
    await expect(fetch(`${simulator.url}/health`)).rejects.toThrow();
    await simulator.ready;
    expect((await fetch(`${simulator.url}/health`)).status).toBe(200);
  });

  test('in use is an error that says what to do', async () => {
    const { url } = await start();
    await expect(startSimulator({ port: Number(new URL(url).port) }, { logger })).rejects.toMatchObject({
      code: 'SIMULATOR_LISTEN_FAILED',
      details: { code: 'EADDRINUSE' },
    });
  });
});

describe('options', () => {
  test('come as text or as numbers', () => {
    const text = parseSimulatorOptions({
      port: '0',
      tokensPerSecond: '12.5',
      servedModelName: ['a', 'b:embedding'],
      fault: 'crash@after20',
    });
    expect(text).toMatchObject({
      port: 0,
      tokensPerSecond: 12.5,
      models: [
        { name: 'a', task: 'chat' },
        { name: 'b', task: 'embedding' },
      ],
      faults: [{ kind: 'crash', after: 20 }],
    });
    expect(parseSimulatorOptions({ servedModelName: 'a', task: 'embedding' }).models).toEqual([
      { name: 'a', task: 'embedding' },
    ]);
  });

  test('that are wrong are all named, by their flags', () => {
    expect(() =>
      parseSimulatorOptions({
        maxModelLen: 'many',
        fault: ['explode'],
        uds: 'x'.repeat(200),
        servedModelName: ['a', 'a'],
      }),
    ).toThrow(/--uds: .*--max-model-len: .*--fault: /);
    expect(() => parseSimulatorOptions({ servedModelName: ['a', 'a:embedding'] })).toThrow(
      /--served-model-name/,
    );
    expect(() => parseSimulatorOptions({ tokenPerSecond: 1 })).toThrow(/tokenPerSecond/);
  });

  test('check that the model directory exists', async () => {
    const model = directory();
    const { url } = await start({ model });
    expect(await (await fetch(`${url}/v1/models`)).json()).toMatchObject({ data: [{ root: model }] });
    await expect(startSimulator({ port: 0, model: join(model, 'none') }, { logger })).rejects.toThrow(
      /is not a directory/,
    );
  });
});

describe('simulate-engine', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'prints its address and stops at %s at once, in mid-stream',
    async (signal) => {
      const signals = new EventEmitter();
      let out = '';
      let said = '';
      const code = runSimulateEngine(
        { port: 0, tokensPerSecond: 20 },
        {
          stdout: { write: (text) => (out += text) },
          stderr: { write: (text) => (said += text) },
          logger,
          signals,
        },
      );
      const line = await vi.waitFor(
        () => JSON.parse(out) as { address: { url: string }; simulator: boolean },
      );
      expect(line).toMatchObject({ simulator: true, address: { kind: 'tcp' }, models: ['simulated-model'] });
      expect(out.match(/\n/g)).toHaveLength(1);
      expect(said).toMatch(/simulator, not an inference engine/);
      const stream = await post(
        line.address.url,
        '/v1/chat/completions',
        chatBody({ stream: true, ignore_eos: true }),
      );
      const started = performance.now();
      signals.emit(signal);
      expect(await code).toBe(0);
      expect(performance.now() - started).toBeLessThan(1_000);
      await expect(stream.text()).rejects.toThrow();
      expect(signals.listenerCount('SIGTERM') + signals.listenerCount('SIGINT')).toBe(0);
    },
  );
});
