// Opens the console of a node that is put together. Whatever keeps it from opening, the node goes on without it.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import type { Config } from '../config.js';
import { createFeedHub } from '../console/feed/feed-hub.js';
import { createSampleSeries } from '../console/feed/sample-series.js';
import { startConsoleServer } from '../console/http/console-server.js';
import type { Metrics } from '../console/metrics/metrics.js';
import type { NodeSteering } from '../console/node-steering.js';
import type { ConsolePlace, NodeView } from '../console/node-view.js';
import { type Failure, toFailure } from '../errors.js';
import { machines } from '../machines/catalog.js';
import { loadFiles, loadPageFiles } from '../pages/page-files.js';
import { loadOrCreatePageToken } from '../pages/page-token.js';
import { AGENT_VERSION } from '../version.js';
import type { ConsoleRecords } from './console-records.js';
import { feedSources } from './feed-sources.js';
import { type SampleParts, takeSamples } from './take-samples.js';

export interface OpenConsole {
  place(): ConsolePlace;
  close(): Promise<void>;
}

export interface ConsoleParts extends SampleParts {
  readonly settings: Config['console'];
  /** Undefined: no console is wanted. */
  readonly records: ConsoleRecords | undefined;
  readonly tokenFile: string;
  readonly view: NodeView;
  readonly steering: NodeSteering;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** Beside `src` and `dist`. */
const packageFolder = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const CLOSED: OpenConsole = { place: () => ({ url: null, failure: null }), close: async () => undefined };

/** Never rejects. */
export const openConsole = async (parts: ConsoleParts): Promise<OpenConsole> => {
  const { records, logger } = parts;
  if (records === undefined) return CLOSED;
  try {
    return await open(parts, records);
  } catch (caught) {
    const failure = toFailure(caught);
    const { code, advice } = failure;
    logger.warn({ event: 'console.unavailable', code, advice }, `no console: ${failure.message}`);
    return closedBy(failure);
  }
};

const closedBy = (failure: Failure): OpenConsole => ({ ...CLOSED, place: () => ({ url: null, failure }) });

const open = async (parts: ConsoleParts, records: ConsoleRecords): Promise<OpenConsole> => {
  const { settings, view, steering, metrics, clock, logger } = parts;
  const token = await loadOrCreatePageToken(parts.tokenFile);
  const samples = createSampleSeries(takeSamples(parts));
  const sources = feedSources({
    view,
    samples,
    records,
    agentVersion: AGENT_VERSION,
    machines: Object.keys(machines),
    nowMs: clock.nowMs,
  });
  const hub = createFeedHub(sources, clock.nowMs);
  const end = (): void => {
    samples.close();
    hub.close();
  };
  try {
    const server = await startConsoleServer(settings, {
      token,
      hosts: settings.hosts ?? [],
      page: await loadPageFiles(packageFolder(join('dist', 'web', 'console'))),
      charts: await loadFiles(packageFolder('statecharts'), '/charts/'),
      hub,
      view,
      steering,
      metrics,
      agentVersion: AGENT_VERSION,
      onFault: (err) => logger.error({ event: 'console.failed', err }, 'the console could not answer'),
    });
    const { url } = server;
    logger.info(
      { event: 'console.opened', url },
      `console at ${url}; \`resultity-node console\` prints the link`,
    );
    return {
      place: () => ({ url, failure: null }),
      close: async () => {
        end();
        await server.close();
      },
    };
  } catch (error) {
    end();
    throw error;
  }
};
