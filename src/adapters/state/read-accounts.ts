// Which networks a node has joined, read without holding its data directory: nothing is repaired or swept, so a running
// daemon is not disturbed.
import { readdir } from 'node:fs/promises';
import { dataPaths } from './data-paths.js';
import { decodeDocument, MAX_DOCUMENT_BYTES } from './document-file.js';
import { readIfThere } from './durable-file.js';
import { type AccountDocument, accountDocument } from './network-state.js';

/** @param dataDir of the node; an empty list where nothing was joined, or nothing can be believed */
export const readAccounts = async (dataDir: string): Promise<readonly NonNullable<AccountDocument>[]> => {
  const paths = dataPaths(dataDir);
  const names = await readdir(paths.networks).catch(() => []);
  const accounts: NonNullable<AccountDocument>[] = [];
  for (const name of names) {
    const bytes = await readIfThere(paths.network(name).account, MAX_DOCUMENT_BYTES);
    const stored = bytes === undefined ? undefined : decodeDocument(bytes);
    if (typeof stored !== 'object' || stored.subject !== `${name}/account`) continue;
    const parsed = accountDocument.safeParse(stored.data);
    if (parsed.success && parsed.data !== null) accounts.push(parsed.data);
  }
  return accounts;
};
