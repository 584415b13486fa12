// The wire-tap changes nothing and misses nothing.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { digestOf } from '../../../src/protocol/digest.js';
import { encodeFrame } from '../../../src/protocol/frame.js';
import { jobId } from '../../adapters/journal/job-fixtures.js';
import { History } from './history.js';
import { startTap } from './tap.js';

const frameOf = (t: string, n: number, words: object): Buffer => {
  const body = Buffer.from(JSON.stringify(words));
  return encodeFrame({ t, n, ts: 1, bd: digestOf(body) }, body);
};

const startNetwork = async (): Promise<{
  readonly port: number;
  readonly heard: Buffer[];
  say(bytes: Buffer): void;
}> => {
  const http = createServer((_request, response) => response.end('plain'));
  const sockets = new WebSocketServer({ server: http });
  const heard: Buffer[] = [];
  let peer: WebSocket | undefined;
  sockets.on('connection', (socket) => {
    peer = socket;
    socket.on('message', (data: Buffer) => heard.push(data));
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  onTestFinished(() => {
    sockets.close();
    http.closeAllConnections();
    http.close();
  });
  return {
    port: (http.address() as AddressInfo).port,
    heard,
    say: (bytes) => peer?.send(bytes, { binary: false }),
  };
};

test('frames of every size are passed on and written down, in their order', async () => {
  const history = new History();
  const tap = await startTap(history);
  onTestFinished(() => tap.close());
  const network = await startNetwork();
  tap.leadTo(network.port);
  expect(await (await fetch(tap.url)).text()).toBe('plain');

  const node = new WebSocket(tap.url.replace('http', 'ws'));
  await once(node, 'open');
  const accept = { job: jobId(1), attempt: 1, request_digest: digestOf('x'), position: 0 };
  const sizes = [0, 100, 200, 70_000, 300_000];
  const sent = sizes.map((size, index) =>
    frameOf('job.accept', index + 1, { ...accept, padding: 'a'.repeat(size) }),
  );
  for (const bytes of sent) node.send(bytes, { binary: false });
  await expect.poll(() => network.heard.length).toBe(sent.length);
  expect(Buffer.concat(network.heard).equals(Buffer.concat(sent))).toBe(true);
  const down = frameOf('never.heard.of', 1, {});
  network.say(down);
  const [answer] = (await once(node, 'message')) as [Buffer];
  expect(answer.equals(down)).toBe(true);
  node.close();

  await expect.poll(() => history.of('hung_up').length).toBe(1);
  const seen = history.of('frame').map(({ from, header, said }) => [from, header.n, said.t]);
  expect(seen.filter(([from]) => from === 'node')).toEqual(
    sizes.map((_, index) => ['node', index + 1, 'job.accept']),
  );
  expect(seen.filter(([from]) => from === 'network')).toEqual([['network', 1, 'other']]);
});

test('leads nowhere before the network is named', async () => {
  const tap = await startTap(new History());
  onTestFinished(() => tap.close());
  await expect(fetch(tap.url)).rejects.toThrow();
});
