// Everything a node keeps on disk, written as this version of it writes, and read back as the facts a later version must
// still find there.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CONFIG, CONFIG_KEYS, NETWORK, ROOT, TIME_MS } from '../../scripts/vectors/samples.js';
import { createIdentityStore } from '../../src/adapters/identity/keystore-identity.js';
import { openReportLog } from '../../src/adapters/logs/segment-report-log.js';
import { createModelStore } from '../../src/adapters/models/disk-model-store.js';
import { openDataDirectory } from '../../src/adapters/state/data-directory.js';
import type { DataPaths } from '../../src/adapters/state/data-paths.js';
import { openNetworkState } from '../../src/adapters/state/network-state.js';
import { openProvenRuntime } from '../../src/adapters/state/proven-runtime.js';
import { openRuntimeHistory } from '../../src/adapters/state/runtime-history.js';
import { parseConfigSnapshot } from '../../src/protocol/config-snapshot.js';
import { digestOf } from '../../src/protocol/digest.js';
import { LIMITS } from '../../src/protocol/limits.js';
import { manifestDigest } from '../../src/protocol/model-manifest.js';
import { ZERO_ADDRESS } from '../../src/protocol/primitives.js';
import { signDocument, verifyDocument } from '../../src/protocol/signed-document.js';
import { accountOf, failuresOf, PASSPHRASE, provenOf } from '../faults/crash/state-values.js';
import { judgedJournal, liveJournal } from './journal-of-a-release.js';

const LOG_OPTIONS = { maxBytes: 1_000_000 };
const MODEL_FILE = { path: 'weights.gguf', content: Buffer.from('weights of a release') };

const configOf = (version: number): Buffer =>
  signDocument(
    NETWORK,
    { kind: 'config', role: 'config', seq: version, timeMs: TIME_MS, node: ZERO_ADDRESS },
    Buffer.from(JSON.stringify({ ...CONFIG, version })),
    CONFIG_KEYS.slice(0, 2),
  );

const filesFrom = (source: string) => [
  {
    path: MODEL_FILE.path,
    size_bytes: MODEL_FILE.content.length,
    sha256: digestOf(MODEL_FILE.content),
    sources: [pathToFileURL(join(source, MODEL_FILE.path)).href],
  },
];

const writeModel = async ({ models }: DataPaths, scratch: string): Promise<void> => {
  const source = join(scratch, 'model');
  mkdirSync(source);
  writeFileSync(join(source, MODEL_FILE.path), MODEL_FILE.content);
  const files = filesFrom(source);
  const store = createModelStore({ dir: models, reserveBytes: 0 });
  const { signal } = new AbortController();
  await store.download(manifestDigest(files), files, () => undefined, signal);
  await store.verify(manifestDigest(files), files, signal);
};

/** @param scratch for what is no part of it */
export const writeRelease = async (data: string, scratch: string): Promise<void> => {
  const directory = await openDataDirectory(data);
  const { paths } = directory;
  await createIdentityStore({ dir: paths.root }).create(PASSPHRASE);
  await directory.makeNetwork(NETWORK.name);
  const places = paths.network(NETWORK.name);
  const state = await openNetworkState(places, NETWORK.name);
  const { store: proven } = await openProvenRuntime(paths.runtime);
  const { store: failures } = await openRuntimeHistory(paths.runtime);
  for (const number of [1, 2]) {
    await state.account.update(() => accountOf(number));
    await state.floor.update(() => ({ config_version: number }));
    await state.writeConfig(configOf(number));
    await failures.update(() => failuresOf(number));
    await proven.update(() => provenOf(number));
  }
  await liveJournal(places.jobs);
  const reports = await openReportLog(places.logs, LOG_OPTIONS);
  for (const line of [1, 2]) {
    reports.write(JSON.stringify({ line }));
    await reports.seal();
  }
  reports.write(JSON.stringify({ line: 3 }));
  await reports.close();
  await writeModel(paths, scratch);
  await directory.release();
};

const readReports = async (dir: string): Promise<object> => {
  const reports = await openReportLog(dir, LOG_OPTIONS);
  const sealed = await Promise.all(
    reports.sealed().map(async (one) => ({
      ...one,
      text: Buffer.from(await reports.read(one.report, 0, one.bytes)).toString(),
    })),
  );
  const currentBytes = reports.currentBytes();
  await reports.close();
  return { sealed, currentBytes };
};

/** Opens it all as a node does. @returns what it found, as JSON */
export const readRelease = async (data: string): Promise<unknown> => {
  const directory = await openDataDirectory(data);
  const { paths } = directory;
  const { nodeId } = await createIdentityStore({ dir: paths.root }).open(PASSPHRASE);
  const networks = await directory.networks();
  const places = paths.network(NETWORK.name);
  const state = await openNetworkState(places, NETWORK.name);
  const { store: proven } = await openProvenRuntime(paths.runtime);
  const { store: failures } = await openRuntimeHistory(paths.runtime);
  const document = (await state.readConfig()) ?? Buffer.alloc(0);
  const kind = { kind: 'config', role: 'config', maxBytes: LIMITS.configBytes } as const;
  const snapshot = parseConfigSnapshot(verifyDocument(document, NETWORK, ROOT, kind).body, NETWORK.name);
  const models = createModelStore({ dir: paths.models, reserveBytes: 0 });
  const installed = await models.installed();
  const weights = installed.map((digest) =>
    readFileSync(join(models.pathOf(digest) ?? '', MODEL_FILE.path), 'utf8'),
  );
  const found = {
    nodeId,
    networks,
    account: state.account.data,
    floor: state.floor.data,
    config: snapshot.version,
    failures: failures.data,
    proven: proven.data,
    journal: await judgedJournal(places.jobs),
    reports: await readReports(places.logs),
    models: { installed, weights },
  };
  await directory.release();
  return JSON.parse(JSON.stringify(found));
};
