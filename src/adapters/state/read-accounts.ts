// Which networks a node has joined, read without holding its data directory: nothing is repaired or swept, so a running
// daemon is not disturbed.
import { readdir } from 'node:fs/promises';
import { dataPaths } from './data-paths.js';
import { decodeDocument, MAX_DOCUMENT_BYTES } from './document-file.js';
import { previousPath } from './document-recovery.js';
import { readIfThere } from './durable-file.js';
import { type AccountDocument, accountDocument } from './network-state.js';

/** @returns undefined where nothing can be believed */
const accountIn = async (
  path: string,
  network: string,
): Promise<NonNullable<AccountDocument> | undefined> => {
  const bytes = await readIfThere(path, MAX_DOCUMENT_BYTES);
  const stored = bytes === undefined ? undefined : decodeDocument(bytes);
  if (typeof stored !== 'object' || stored.subject !== `${network}/account`) return undefined;
  return accountDocument.safeParse(stored.data).data ?? undefined;
};

/** @param dataDir of the node; an empty list where nothing was joined, or nothing can be believed */
export const readAccounts = async (dataDir: string): Promise<readonly NonNullable<AccountDocument>[]> => {
  const paths = dataPaths(dataDir);
  const names = await readdir(paths.networks).catch(() => []);
  const accounts: NonNullable<AccountDocument>[] = [];
  for (const name of names) {
    const { account } = paths.network(name);
    const found = (await accountIn(account, name)) ?? (await accountIn(previousPath(account), name));
    if (found !== undefined) accounts.push(found);
  }
  return accounts;
};
