// Where things are inside the network's data directory.
import { join, resolve } from 'node:path';

export interface NetworkPaths {
  readonly root: string;
  readonly keys: string;
  readonly store: string;
  readonly reports: string;
  /** Mails, when no SMTP server is configured. */
  readonly outbox: string;
  /** Unix socket of the operator's commands. */
  readonly adminSocket: string;
  /** What opens the page's API. */
  readonly pageToken: string;
  readonly lock: string;
}

export const networkPaths = (dataDir: string): NetworkPaths => {
  const root = resolve(dataDir);
  return {
    root,
    keys: join(root, 'keys'),
    store: join(root, 'store'),
    reports: join(root, 'reports'),
    outbox: join(root, 'outbox'),
    adminSocket: join(root, 'admin.sock'),
    pageToken: join(root, 'page.token'),
    lock: join(root, 'network.lock'),
  };
};
