// A scrape of a node that serves in one network, on one GPU, and of which everything is known.
import type { NetworkScrape, Scrape } from '../../../src/console/metrics/scrape.js';
import type { NetworkStatus } from '../../../src/console/node-view.js';
import { createServingFigures } from '../../../src/services/serving-figures.js';

const STATUS: NetworkStatus = {
  name: 'devnet',
  url: 'http://network:7530',
  connected: true,
  lastAckMs: 1_700_000_000_500,
  standing: 'active',
  account: 'somebody',
  stage: 'executing',
  idleReason: null,
  idleCause: null,
  config: { version: 7, digest: `sha256:${'7'.repeat(64)}` },
  hasRuntime: true,
  runtimeHolder: 'devnet',
  models: [{ id: 'tiny', digest: `sha256:${'1'.repeat(64)}`, state: 'active', reason: null }],
  jobs: { running: 2, queued: 1, slots: 4, outbox: 3, credits: 9 },
  reports: { waiting: 1, delivered: 5, failure: null },
  failure: null,
};

export const knownNetwork = (
  change: Partial<NetworkScrape> & { readonly told?: Partial<NetworkStatus> } = {},
): NetworkScrape => {
  const { told, ...own } = change;
  return {
    network: 'devnet',
    status: { ...STATUS, ...told },
    work: createServingFigures(),
    journal: { results: 3, remembered: 40, bytes: 8_192, hasRoom: true },
    longestInOutboxMs: 2_500,
    config: { issuedMs: 1_700_000_000_000, expiresMs: 1_800_000_000_000, isBehind: false },
    clockOffsetMs: -250,
    ...own,
  };
};

export const knownScrape = (change: Partial<Scrape> = {}): Scrape => ({
  node: {
    nodeId: `0x${'a'.repeat(40)}`,
    agentVersion: '1.2.3',
    runtime: {
      state: 'ready',
      driver: 'container',
      engine: 'vllm',
      version: '0.32.0',
      restarts: 1,
      failure: null,
      controlled: true,
      behind: null,
    },
  },
  networks: [knownNetwork()],
  hardware: {
    gpus: [
      {
        uuid: 'GPU-1',
        name: 'NVIDIA A10',
        vram_total_bytes: 24_000_000_000,
        vram_used_bytes: 20_000_000_000,
        driver: '550.54',
        utilisation_percent: 97,
        temperature_celsius: 71,
        power_draw_watts: 140,
        power_limit_watts: 150,
      },
    ],
    cpu: { model: 'a CPU', cores: 8 },
    ram_bytes: { total: 64_000_000_000, free: 32_000_000_000 },
    disk_bytes: { total: 500_000_000_000, free: 250_000_000_000 },
    os: 'Linux',
  },
  engine: { running: 2, waiting: 0, kvUse: 0.4, tokensOut: 12_345 },
  repairs: 0,
  ...change,
});

/** The metrics of one scrape, as a scraper reads them: value by `name{labels}`. */
export const valuesOf = (text: string): ReadonlyMap<string, number> =>
  new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line): [string, number] => {
        const at = line.lastIndexOf(' ');
        return [line.slice(0, at), Number(line.slice(at + 1))];
      }),
  );
