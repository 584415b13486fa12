// The network's own books, read from its data directory once it has ended, into the history.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { jobRecord } from '../../../src/network/jobs/job-record.js';
import { createReceiptArchive } from '../../../src/network/jobs/receipt-archive.js';
import { createLedger } from '../../../src/network/ledger/create-ledger.js';
import { networkPaths } from '../../../src/network/main/network-paths.js';
import { createNodeRegistry } from '../../../src/network/registry/create-node-registry.js';
import { createReportRecords } from '../../../src/network/reports/report-records.js';
import { systemClock } from '../../../src/network/scheduler/timing.js';
import { type NetworkStore, openStore } from '../../../src/network/store/store.js';
import { parseConfigSnapshot } from '../../../src/protocol/config-snapshot.js';
import { decodeFrame } from '../../../src/protocol/frame.js';
import { LIMITS } from '../../../src/protocol/limits.js';
import type { NetworkId } from '../../../src/protocol/network-id.js';
import { receiptHash } from '../../../src/protocol/receipt.js';
import { readTrustRoot } from '../../../src/protocol/trust-root.js';
import type { History } from './history.js';

const MOST_ENTRIES = 1_000_000;
const storedConfig = z.object({ version: z.number(), digest: z.string(), document: z.base64() });

/** @param dataDir of a network that has ended, well or not. @returns who it is */
export const readNetwork = async (history: History, dataDir: string): Promise<NetworkId> => {
  const paths = networkPaths(dataDir);
  const { network } = readTrustRoot(await readFile(join(paths.keys, 'root.json')), undefined);
  const { name, chainId, genesis } = network;
  history.add({ kind: 'network', name, chain_id: chainId, genesis });
  const store = openStore(paths.store);
  try {
    addConfigs(history, store, name);
    addJobs(history, store, network);
    addReports(history, store);
  } finally {
    await store.close();
  }
  return network;
};

const addConfigs = (history: History, store: NetworkStore, name: string): void => {
  for (const { value } of store.table('configs', storedConfig).range()) {
    const { body } = decodeFrame(Buffer.from(value.document, 'base64'), LIMITS.configBytes);
    const { version, models } = parseConfigSnapshot(body, name);
    history.add({
      kind: 'published',
      version,
      digest: value.digest,
      models: models.map(({ id, digest, enabled }) => ({ id, digest, enabled })),
    });
  }
};

const addJobs = (history: History, store: NetworkStore, network: NetworkId): void => {
  const archive = createReceiptArchive(store);
  for (const { value } of store.table('jobs', jobRecord).range()) {
    const { job, kind, state, attempts } = value;
    history.add({
      kind: 'job',
      job,
      paid: kind === 'paid',
      state,
      attempts: attempts.map((one) => ({
        attempt: one.attempt,
        state: one.state,
        receipt_digest: one.result?.receipt_digest ?? null,
      })),
    });
    for (const { receipt, signature } of archive.of(job)) {
      const digest = `sha256:${receiptHash(network, receipt).slice('0x'.length)}`;
      history.add({ kind: 'receipt', from: 'network', digest, receipt, signature });
    }
  }
  const ledger = createLedger(store, { promptToken: 0n, completionToken: 0n }, systemClock);
  for (const { kind: entry, job, amount, receipt_digest } of ledger.entries({ limit: MOST_ENTRIES })) {
    if (entry !== 'deposit' && job !== null) {
      history.add({ kind: 'ledger', job, entry, amount, receipt_digest });
    }
  }
};

const addReports = (history: History, store: NetworkStore): void => {
  const records = createReportRecords(store);
  for (const { node } of createNodeRegistry(store).list()) {
    for (const { manifest, receipt } of records.ofNode(node)) {
      if (receipt === null) continue; // on its way: the node still has it
      const { report, first_line, lines, sha256, previous } = manifest;
      history.add({ kind: 'report', place: 'network', node, report, first_line, lines, sha256, previous });
    }
  }
};
