// A Docker Engine's API on a Unix socket, whose answers a test writes: for what a real engine will not do on demand.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

export interface Asked {
  readonly method: string;
  /** Of the path, `v1.41`; empty: without one. */
  readonly version: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
}

type Answer = (asked: Asked, response: ServerResponse) => unknown;

export interface ScriptedDocker {
  readonly socketPath: string;
  /** All requests, oldest first. */
  readonly asked: readonly Asked[];
  /** What comes next, in place of what came till now. @param route `GET /info`; an id or name in it reads `:id` */
  on(route: string, answer: Answer): void;
  [Symbol.asyncDispose](): Promise<void>;
}

export const json =
  (body: unknown, status = 200): Answer =>
  (_, response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

/** Lines of a stream; what follows them, and its end, is for the test to say. */
export const lines =
  (...values: readonly unknown[]): Answer =>
  (_, response) =>
    response.write(values.map((value) => `${JSON.stringify(value)}\n`).join(''));

export const versions = (newest: string, oldest = '1.24') =>
  json({ Version: '99.0', ApiVersion: newest, MinAPIVersion: oldest, Components: [{ Name: 'Engine' }] });

const readAsked = async (request: IncomingMessage): Promise<Asked> => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://docker');
  const [, version = '', path = pathname] = /^\/(v[\d.]+)(\/.*)$/.exec(pathname) ?? [];
  return { method: request.method ?? '', version, path, query: searchParams, body: await text(request) };
};

const routeOf = ({ method, path }: Asked): string =>
  `${method} ${path.replace(/^\/(containers|images)\/(?!json$|create$).+?(\/(?:json|stop|start|logs))?$/, '/$1/:id$2')}`;

export const startScriptedDocker = async (): Promise<ScriptedDocker> => {
  const home = await mkdtemp(join(tmpdir(), 'rn-docker-'));
  const socketPath = join(home, 'docker.sock');
  const answers = new Map<string, Answer>([['GET /version', versions('1.41')]]);
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void readAsked(request).then((one) => {
      asked.push(one);
      const answer = answers.get(routeOf(one)) ?? json({ message: `no script for ${routeOf(one)}` }, 500);
      return answer(one, response);
    });
  });
  server.listen(socketPath);
  await once(server, 'listening');
  return {
    socketPath,
    asked,
    on: (route, answer) => void answers.set(route, answer),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await rm(home, { recursive: true });
    },
  };
};
