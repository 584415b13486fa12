// A console on a port of its own in front of a node that is scripted: its server, hub and recorder are the real ones.
import { WebSocket } from 'ws';
import { createFeedHub, type FeedHub } from '../../../src/console/feed/feed-hub.js';
import { type FeedMessage, feedMessage, type Sample } from '../../../src/console/feed/feed-messages.js';
import { createLogRing } from '../../../src/console/feed/log-ring.js';
import type { SampleSeries } from '../../../src/console/feed/sample-series.js';
import { type ConsoleServer, startConsoleServer } from '../../../src/console/http/console-server.js';
import { createFeedRecorder } from '../../../src/console/inspection/feed-recorder.js';
import { createJobTimelines } from '../../../src/console/inspection/job-timelines.js';
import { createObservers } from '../../../src/console/inspection/observers.js';
import type { NodeSteering } from '../../../src/console/node-steering.js';
import type { NodeStatus } from '../../../src/console/node-view.js';
import { feedSources } from '../../../src/daemon/feed-sources.js';
import { machines } from '../../../src/machines/catalog.js';
import type { PageFiles } from '../../../src/pages/page-files.js';
import { noSteering } from '../../cli/no-steering.js';
import { RUNNING } from '../../doctor/subject.js';

export const TOKEN = 'T'.repeat(43);

export interface ConsoleRig {
  readonly server: ConsoleServer;
  readonly hub: FeedHub;
  readonly observers: ReturnType<typeof createObservers>;
  readonly logs: ReturnType<typeof createLogRing>;
  readonly faults: unknown[];
  status: NodeStatus;
  changed(): void;
  sampled(sample: Sample): void;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  close(): Promise<void>;
}

export interface ConsoleRigOptions {
  readonly steering?: Partial<NodeSteering>;
  readonly page?: PageFiles;
  readonly charts?: PageFiles;
  readonly hosts?: readonly string[];
  readonly port?: number;
  readonly address?: string;
}

export const openConsoleRig = async (options: ConsoleRigOptions = {}): Promise<ConsoleRig> => {
  const recorder = createFeedRecorder({ machines: Object.keys(machines), nowMs: Date.now });
  const timelines = createJobTimelines(() => 'devnet');
  recorder.onRecord(timelines.note);
  const observers = createObservers();
  observers.add(recorder.observe);
  const logs = createLogRing();
  const changes = new Set<() => void>();
  const samplers = new Set<(sample: Sample) => void>();
  const samples: SampleSeries = {
    list: () => [],
    onSample: (listener) => {
      samplers.add(listener);
      return () => samplers.delete(listener);
    },
    close: () => undefined,
  };
  const view = {
    status: () => rig.status,
    jobs: (limit: number, network?: string) => {
      asked.push([limit, network]);
      return [];
    },
    onChange: (listener: () => void) => {
      changes.add(listener);
      return () => changes.delete(listener);
    },
  };
  const asked: unknown[] = [];
  const faults: unknown[] = [];
  const sources = feedSources({
    view,
    samples,
    records: { logs, inspection: { recorder, timelines } },
    agentVersion: '0.1.0',
    machines: Object.keys(machines),
    nowMs: Date.now,
  });
  const hub = createFeedHub(sources, Date.now);
  const server = await startConsoleServer(
    { address: options.address ?? '127.0.0.1', port: options.port ?? 0 },
    {
      token: TOKEN,
      hosts: options.hosts ?? [],
      page: options.page,
      charts: options.charts ?? new Map(),
      hub,
      view,
      steering: { ...noSteering, ...options.steering },
      metrics: { expose: async (accept) => ({ contentType: 'text/plain', body: `for ${accept}\n` }) },
      agentVersion: '0.1.0',
      onFault: (error) => faults.push(error),
    },
  );
  const rig: ConsoleRig = {
    server,
    hub,
    observers,
    logs,
    faults,
    status: RUNNING,
    changed: () => {
      for (const listener of changes) listener();
    },
    sampled: (sample) => {
      for (const listener of samplers) listener(sample);
    },
    get: (path, headers = {}) => fetch(`${server.url}${path}`, { headers }),
    post: (path, body, headers = bearer) =>
      fetch(`${server.url}${path}`, {
        method: 'POST',
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    close: async () => {
      await server.close();
      hub.close();
    },
  };
  return rig;
};

export const bearer = { authorization: `Bearer ${TOKEN}` };

export interface FeedClient {
  readonly messages: FeedMessage[];
  readonly ws: WebSocket;
  /** Close code, once it is closed. */
  readonly closed: Promise<number>;
  /** Resolves once a message holds. */
  until(holds: (messages: readonly FeedMessage[]) => boolean): Promise<void>;
}

/** Every message is parsed with the schema the page uses. @returns undefined and the status, where it is refused */
export const watchFeed = async (
  url: string,
  protocols: readonly string[] = ['resultity.console.v1', `token.${TOKEN}`],
  headers: Record<string, string> = {},
): Promise<FeedClient> => {
  const ws = new WebSocket(`${url.replace('http', 'ws')}/api/feed`, [...protocols], { headers });
  const messages: FeedMessage[] = [];
  const waiting = new Set<() => void>();
  ws.on('message', (data: Buffer) => {
    messages.push(feedMessage.parse(JSON.parse(data.toString())));
    for (const look of waiting) look();
  });
  const closed = new Promise<number>((resolve) => ws.on('close', resolve));
  await new Promise<void>((resolve, reject) => {
    ws.on('open', resolve);
    ws.on('error', reject);
  });
  return {
    messages,
    ws,
    closed,
    until: (holds) =>
      new Promise<void>((resolve) => {
        const look = (): void => {
          if (!holds(messages)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
};
