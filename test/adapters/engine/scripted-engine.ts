// A far end that sends exactly the bytes a test wants, over a real socket: what an HTTP library would never send.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineAddress } from '../../../src/adapters/engine/engine-client.js';

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface ScriptedEngine extends AsyncDisposable {
  readonly address: EngineAddress;
  readonly requests: ReceivedRequest[];
  /** Settles when a connection has been closed by the client. */
  readonly clientLeft: Promise<void>;
}

/** Head of a chunked event stream. */
export const STREAM_HEAD =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n';

/** One HTTP chunk. */
export const httpChunk = (bytes: string | Buffer): Buffer => {
  const body = Buffer.from(bytes);
  return Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')]);
};
export const HTTP_END = '0\r\n\r\n';

export const event = (value: unknown): string =>
  `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`;

export const delta = (content: string, finishReason: string | null = null, index = 0): object => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  choices: [{ index, delta: { content }, finish_reason: finishReason }],
});
export const usageChunk = (prompt: number, completion: number): object => ({
  object: 'chat.completion.chunk',
  choices: [],
  usage: { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion },
});
export const DONE = event('[DONE]');

/** A whole, well-formed stream of these events. */
export const streamOf = (...events: readonly unknown[]): Buffer =>
  Buffer.concat([Buffer.from(STREAM_HEAD), httpChunk(events.map(event).join('')), Buffer.from(HTTP_END)]);

export const jsonAnswer = (status: number, body: unknown): string => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return `HTTP/1.1 ${status} Status\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
};

/**
 * @param answer what to do with each request; may write and close at will
 * @param kind where to listen
 */
export const startScriptedEngine = async (
  answer: (socket: Socket, request: ReceivedRequest) => void,
  kind: 'tcp' | 'unix' = 'tcp',
): Promise<ScriptedEngine> => {
  const requests: ReceivedRequest[] = [];
  const sockets = new Set<Socket>();
  let left = (): void => {};
  const clientLeft = new Promise<void>((resolve) => {
    left = resolve;
  });
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      sockets.delete(socket);
      left();
    });
    let received = '';
    socket.on('data', (bytes) => {
      received += bytes.toString('latin1');
      const request = readRequest(received);
      if (request === undefined) return;
      received = '';
      requests.push(request);
      answer(socket, request);
    });
  });
  const directory = kind === 'unix' ? mkdtempSync(join(tmpdir(), 'scripted-')) : undefined;
  const path = directory === undefined ? undefined : join(directory, 'engine.sock');
  await new Promise<void>((resolve) =>
    path === undefined ? server.listen(0, '127.0.0.1', resolve) : server.listen(path, resolve),
  );
  const bound = server.address();
  const address: EngineAddress =
    typeof bound === 'object' && bound !== null
      ? { kind: 'tcp', url: `http://127.0.0.1:${bound.port}` }
      : { kind: 'unix', path: path ?? '' };
  return {
    address,
    requests,
    clientLeft,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
    },
  };
};

const readRequest = (text: string): ReceivedRequest | undefined => {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const [first = '', ...lines] = text.slice(0, end).split('\r\n');
  const [method = '', path = ''] = first.split(' ');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const body = text.slice(end + 4);
  if (body.length < Number(headers['content-length'] ?? 0)) return undefined;
  return { method, path, headers, body: Buffer.from(body, 'latin1').toString('utf8') };
};
