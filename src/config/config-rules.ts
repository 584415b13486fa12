// What is right only together: which settings need, exclude or forbid each other.
import { isIP } from 'node:net';
import type { ParsedConfig } from './config-schema.js';
import { containerSettings } from './container-settings.js';
import { networksOf } from './network-settings.js';

export interface BrokenRule {
  readonly key: string;
  /** The keys the rule looks at. */
  readonly involves: readonly string[];
  readonly problem: string;
  readonly accepts: string;
}

const isLoopback = (url: string): boolean => {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  return (isIP(host) === 4 && host.startsWith('127.')) || host === '::1' || /(^|\.)localhost$/.test(host);
};

const isClear = (url: string): boolean => /^(ws|http):/i.test(url);

const insecure = (key: string, url: string | undefined): BrokenRule[] =>
  url !== undefined && isClear(url) && !isLoopback(url)
    ? [
        {
          key,
          involves: [key, 'allowInsecure'],
          problem: 'unencrypted, and not on this host',
          accepts: 'use https:// or wss://, or set allowInsecure if the way there is your own',
        },
      ]
    : [];

/** @returns every rule the settings break; empty when they fit together */
export const brokenRules = (config: ParsedConfig): BrokenRule[] => {
  const { runtime } = config;
  const broken: BrokenRule[] = [];
  if (!config.allowInsecure) {
    broken.push(
      ...insecure('runtime.url', runtime.url),
      ...insecure('console.stately', config.console.stately),
    );
  }
  broken.push(...brokenNetworkRules(config));
  if (config.console.classicOrigins !== undefined && config.console.classic === undefined) {
    broken.push({
      key: 'console.classicOrigins',
      involves: ['console.classicOrigins', 'console.classic'],
      problem: 'means something only to the port of the classic inspector',
      accepts: 'leave it out, or set console.classic',
    });
  }
  const places = [runtime.url, runtime.socket].filter((place) => place !== undefined).length;
  if (runtime.driver === 'external' && places !== 1) {
    broken.push({
      key: 'runtime.driver',
      involves: ['runtime.driver', 'runtime.url', 'runtime.socket'],
      problem: `an external engine has one place to listen, and ${places} are set`,
      accepts: 'set either runtime.url or runtime.socket',
    });
  }
  if (runtime.driver !== 'process' && runtime.command !== undefined) {
    broken.push({
      key: 'runtime.command',
      involves: ['runtime.driver', 'runtime.command'],
      problem:
        runtime.driver === 'external'
          ? 'an external engine is not started by the node'
          : 'in a container the engine is started as its definition says',
      accepts: 'leave it out, or set runtime.driver to process',
    });
  }
  if (runtime.driver !== 'external') {
    for (const name of ['url', 'socket'] as const) {
      if (runtime[name] === undefined) continue;
      broken.push({
        key: `runtime.${name}`,
        involves: ['runtime.driver', `runtime.${name}`],
        problem: 'the node itself chooses where an engine listens that it starts',
        accepts: 'leave it out, or set runtime.driver to external',
      });
    }
  }
  return [...broken, ...brokenContainerRules(runtime)];
};

const brokenNetworkRules = (config: ParsedConfig): BrokenRule[] => {
  const { networkUrl = [], networkGenesis } = config;
  const key = config.networks === undefined ? 'networkUrl' : 'networks';
  const urls = networksOf(config).map(({ url }) => url);
  const broken = config.allowInsecure ? [] : urls.flatMap((url) => insecure(key, url)).slice(0, 1);
  if (new Set(urls.map((url) => new URL(url).href)).size < urls.length) {
    broken.push({
      key,
      involves: [key],
      problem: 'names the same network twice',
      accepts: 'list each network once',
    });
  }
  if (networkGenesis === undefined || (key === 'networkUrl' && networkUrl.length === 0)) return broken;
  if (key === 'networks' || networkGenesis.length !== networkUrl.length) {
    broken.push({
      key: 'networkGenesis',
      involves: ['networkGenesis', 'networkUrl', 'networks'],
      problem: 'does not tell which network it belongs to',
      accepts:
        'set as many as networkUrl has addresses, in their order, or put each beside its url in networks',
    });
  }
  return broken;
};

const brokenContainerRules = (runtime: ParsedConfig['runtime']): BrokenRule[] => {
  if (runtime.driver !== 'container') {
    return containerKeys
      .filter((name) => runtime[name] !== undefined)
      .map((name) => ({
        key: `runtime.${name}`,
        involves: ['runtime.driver', `runtime.${name}`],
        problem: 'means something only to an engine in a container',
        accepts: 'leave it out, or set runtime.driver to container',
      }));
  }
  if (runtime.socketVolume === undefined || runtime.socketDirectory !== undefined) return [];
  return [
    {
      key: 'runtime.socketVolume',
      involves: ['runtime.socketVolume', 'runtime.socketDirectory'],
      problem: 'the node has to see the volume too',
      accepts: 'set runtime.socketDirectory to where it is mounted for the node',
    },
  ];
};

const containerKeys = Object.keys(containerSettings) as (keyof typeof containerSettings)[];
