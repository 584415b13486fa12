// The demo's node: a real daemon that brings the demo's engine up by itself.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { dataPaths } from '../../adapters/state/data-paths.js';
import { loadConfig } from '../../config.js';
import { openBinding } from '../../daemon/bind-node.js';
import { openKey } from '../../daemon/open-key.js';
import { type Daemon, startDaemon } from '../../main.js';
import { readPageToken } from '../../pages/page-token.js';
import { createSigner } from '../../protocol/signer.js';
import type { DemoEngine } from './demo-engine.js';

/** @param log gets the node's log lines */
export const startDemoNode = (
  directory: string,
  network: { readonly url: string; readonly genesis: string },
  engine: DemoEngine,
  log: { write(line: string): unknown },
): Promise<Daemon> => {
  const { config } = loadConfig({
    flags: {
      dataDir: join(directory, 'node'),
      networkUrl: network.url,
      networkGenesis: network.genesis,
      label: 'demo',
      logLevel: 'debug',
      logFormat: 'json',
      // The owner's own node may have the usual one.
      consolePort: '0',
      ...engine.settings,
    },
    environment: {},
  });
  return startDaemon(config, log);
};

/** @returns address of the node's console, token included; null: it has none */
export const consoleLink = async (directory: string, daemon: Daemon): Promise<string | null> => {
  const { url } = await daemon.consolePlace();
  if (url === null) return null;
  return `${url}/#token=${await readPageToken(dataPaths(join(directory, 'node')).consoleToken)}`;
};

/**
 * Claims the node for a wallet made for this demo: the owner signs the network's text, the node countersigns.
 * @returns the owner's address
 */
export const claimDemoNode = async (
  directory: string,
  network: { readonly url: string; readonly genesis: string },
  signal: AbortSignal,
): Promise<string> => {
  const { identity } = await openKey({ dataDir: join(directory, 'node') }, () => Promise.resolve(true));
  const owner = createSigner(`0x${randomBytes(32).toString('hex')}`);
  const binding = await openBinding({ identity, networkUrl: network.url, genesis: network.genesis }, signal);
  const offer = await binding.begin({ kind: 'wallet', address: owner.address }, signal);
  const signature = owner.signText(offer.message ?? '');
  await binding.finish(offer.binding, { kind: 'wallet', signature }, signal);
  return owner.address;
};
