// A file server on loopback that serves one file and can be told, per path, how to misbehave.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Behaviour = (request: IncomingMessage, response: ServerResponse, visit: number) => void;

export interface FileServer {
  readonly origin: string;
  /** Path and `Range` header of every request, in order. */
  readonly seen: { readonly path: string; readonly range: string | undefined }[];
  on(path: string, behaviour: Behaviour): string;
  /** Breaks all connections. */
  cut(): void;
  close(): Promise<void>;
}

export const startFileServer = async (): Promise<FileServer> => {
  const behaviours = new Map<string, Behaviour>();
  const visits = new Map<string, number>();
  const seen: FileServer['seen'] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    seen.push({ path, range: request.headers.range });
    const visit = (visits.get(path) ?? 0) + 1;
    visits.set(path, visit);
    const behaviour = behaviours.get(path);
    if (behaviour === undefined) response.writeHead(404).end('no such file');
    else behaviour(request, response, visit);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    seen,
    on: (path, behaviour) => {
      behaviours.set(path, behaviour);
      return `${origin}${path}`;
    },
    cut: () => server.closeAllConnections(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

/** Serves the bytes, ranges included, as a good server would. */
export const serve =
  (bytes: Buffer, etag?: string): Behaviour =>
  (request, response) => {
    const tag = etag === undefined ? {} : { etag };
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
    if (range === null || etag === undefined || request.headers['if-range'] !== etag) {
      response.writeHead(200, { ...tag, 'content-length': bytes.length }).end(bytes);
      return;
    }
    const start = Number(range[1]);
    response
      .writeHead(206, {
        ...tag,
        'content-length': bytes.length - start,
        'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}`,
      })
      .end(bytes.subarray(start));
  };

/** Sends the first `sent` bytes of a 200 and then waits to be cut. */
export const sendSome =
  (bytes: Buffer, sent: number, headers: Record<string, string> = {}): Behaviour =>
  (_request, response) => {
    response.writeHead(200, { ...headers, 'content-length': bytes.length }).write(bytes.subarray(0, sent));
  };
