// What a node has on disk: at any moment between two lives, and all of it when the run is over.
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';
import { readNodeId } from '../../../src/adapters/identity/read-node-id.js';
import { openJobJournal } from '../../../src/adapters/journal/lmdb-journal.js';
import { SealedSegments } from '../../../src/adapters/logs/sealed-segments.js';
import { dataPaths } from '../../../src/adapters/state/data-paths.js';
import { decodeDocument } from '../../../src/adapters/state/document-file.js';
import { floorDocument } from '../../../src/adapters/state/network-state.js';
import type { NetworkId } from '../../../src/protocol/network-id.js';
import { receiptHash } from '../../../src/protocol/receipt.js';
import type { History } from './history.js';

const MOST_ATTEMPTS = 100_000;
const absent = z.object({ code: z.literal('ENOENT') });

const ifThere = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await work();
  } catch (error) {
    if (absent.safeParse(error).success) return undefined;
    throw error;
  }
};

/** Key file and version floor as they are now; the node may be alive. */
export const glanceAtNode = async (history: History, dataDir: string, network: string): Promise<void> => {
  const paths = dataPaths(dataDir);
  const now = { at_ms: Date.now(), place: basename(dataDir) };
  const key = await ifThere(() => readFile(paths.identity));
  const mode = key === undefined ? 0 : (await stat(paths.identity)).mode & 0o777;
  const digest = key === undefined ? null : `sha256:${createHash('sha256').update(key).digest('hex')}`;
  history.add({ kind: 'key', ...now, digest, mode });
  const floor = await ifThere(() => readFile(paths.network(network).floor));
  if (floor === undefined) return;
  const document = decodeDocument(floor);
  if (typeof document === 'string') throw new Error(`the version floor is torn: ${document}`);
  history.add({ kind: 'floor', ...now, version: floorDocument.parse(document.data).config_version });
};

/** Journal and log of a node that has ended. */
export const readNode = async (history: History, dataDir: string, network: NetworkId): Promise<void> => {
  await glanceAtNode(history, dataDir, network.name);
  const paths = dataPaths(dataDir).network(network.name);
  const journal = await openJobJournal(paths.jobs);
  try {
    for (const { offer, state, receipt } of journal.recent(MOST_ATTEMPTS)) {
      history.add({ kind: 'attempt', job: offer.job, attempt: offer.attempt, state });
      if (receipt === null) continue;
      const digest = `sha256:${receiptHash(network, receipt).slice('0x'.length)}`;
      history.add({ kind: 'receipt', from: 'node', digest, receipt, signature: null });
    }
  } finally {
    await journal.close();
  }
  const node = await readNodeId(dataDir);
  const segments = new SealedSegments(paths.logs);
  for (const { report, firstLine, lines, sha256, previous } of segments.list()) {
    const place = { place: 'node', node } as const;
    history.add({ kind: 'report', ...place, report, first_line: firstLine, lines, sha256, previous });
  }
  history.add({ kind: 'log_end', node, lines: segments.position.firstLine });
};
