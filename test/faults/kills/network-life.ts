// The reference network's process, which may be killed and started again on the same data directory.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type AdminClient, createAdminClient } from '../../../src/network/admin/admin-client.js';
import { networkPaths } from '../../../src/network/main/network-paths.js';
import type { Tap } from '../history/tap.js';

export interface NetworkLife {
  readonly dataDir: string;
  readonly logFile: string;
  readonly url: () => string;
  readonly genesis: () => string;
  readonly admin: AdminClient;
  readonly start: () => Promise<void>;
  readonly end: (signal: NodeJS.Signals) => Promise<void>;
}

/** @param script the bundled process. @param tap nodes reach it through */
export const createNetworkLife = (script: string, directory: string, tap: Tap): NetworkLife => {
  const dataDir = join(directory, 'network');
  const logFile = join(directory, 'network.log');
  const { adminSocket, root } = networkPaths(dataDir);
  const origin = tap.url.replace(/^http/, 'ws');
  let child: ChildProcess | undefined;
  let stderr = '';
  let place = { url: '', genesis: '' };

  const start = async (): Promise<void> => {
    stderr = '';
    const port = place.url === '' ? '0' : new URL(place.url).port;
    const started = spawn(process.execPath, [script, dataDir, port, origin, logFile], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = started;
    started.stderr.on('data', (text: Buffer) => {
      stderr += text;
    });
    const line = new Promise<string>((resolve, reject) => {
      createInterface({ input: started.stdout }).once('line', resolve);
      started.once('close', (code) => reject(new Error(`the network ended with ${code}: ${stderr}`)));
    });
    place = JSON.parse(await line) as typeof place;
    tap.leadTo(Number(new URL(place.url).port));
  };

  return {
    dataDir,
    logFile,
    url: () => place.url,
    genesis: () => place.genesis,
    admin: createAdminClient(adminSocket, root),
    start,
    end: async (signal) => {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const closed = once(child, 'close');
      child.kill(signal);
      await closed;
    },
  };
};
