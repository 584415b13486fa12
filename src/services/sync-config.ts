// The steps of a configuration sync. The order of the checks is the protocol's: size, digest, signatures, network,
// version above the floor, expiry, schema, meaning. The version floor is raised on disk before the snapshot is replaced.

import type { Logger } from 'pino';
import { fromPromise } from 'xstate';
import type { Clock } from '../adapters/host/clock.js';
import type { NetworkHttp } from '../adapters/network-http/network-http.js';
import type { ConfigPlan } from '../machines/config-sync-machine.js';
import { parseConfigSnapshot } from '../protocol/config-snapshot.js';
import { decodeFrame } from '../protocol/frame.js';
import { LIMITS } from '../protocol/limits.js';
import type { ConfigRef } from '../protocol/messages/session.js';
import { verifyDocument } from '../protocol/signed-document.js';
import { type ConfigInForce, isExpired, type SignedConfig } from './config-in-force.js';
import type { JoinedNetwork, Membership } from './membership.js';
import type { NetworkTime } from './network-time.js';
import type { Repairs } from './repairs.js';
import { ConfigRefusedError } from './service-errors.js';

export interface SyncConfigParts {
  readonly http: NetworkHttp;
  readonly membership: Membership;
  readonly config: ConfigInForce;
  readonly clock: Clock;
  readonly time: NetworkTime;
  readonly logger: Logger;
  readonly repairs: Repairs;
}

/** TUF's fast-forward attack: a stolen key could raise the version so far that no honest one ever follows. */
const MAX_VERSION_STEP = 1_000_000;

const refOf = ({ snapshot, digest }: SignedConfig): ConfigRef => ({ version: snapshot.version, digest });

const planOf = (config: SignedConfig): ConfigPlan => ({
  config: refOf(config),
  models: config.snapshot.models.map(({ id, digest, enabled }) => ({ id, digest, enabled })),
});

/** @throws ProtocolError unless a threshold of config keys signed exactly these bytes for this network */
const readSigned = (document: Uint8Array, { id, root }: JoinedNetwork): SignedConfig => {
  const { header, body } = verifyDocument(document, id, root, {
    kind: 'config',
    role: 'config',
    maxBytes: LIMITS.configBytes,
  });
  const snapshot = parseConfigSnapshot(body, id.name);
  if (snapshot.version !== header.n)
    throw new ConfigRefusedError('the snapshot and its signature name different versions');
  return { digest: header.bd, snapshot, document };
};

/** @throws NetworkUnreachableError and other errors of the HTTP port */
export const fetchConfig = ({ http, config, clock }: SyncConfigParts) =>
  fromPromise<ConfigRef | 'unchanged', { held: ConfigRef | null; wanted: ConfigRef }>(
    async ({ input, signal }) => {
      config.candidate.fetchedMonotonicMs = clock.monotonicMs();
      const document = await http.config(input.held?.digest ?? null, signal);
      if (document === 'unchanged') return 'unchanged';
      config.candidate.document = document;
      const { header } = decodeFrame(document, LIMITS.configBytes);
      return { version: header.n, digest: header.bd };
    },
  );

/** @throws ProtocolError (signature, shape), ConfigRefusedError (version, expiry, meaning) */
export const verifyConfig = ({ membership, config, time }: SyncConfigParts) =>
  fromPromise<ConfigRef, { digest: string }>(async () => {
    const network = membership.network.get();
    const { document } = config.candidate;
    if (document === undefined) throw new ConfigRefusedError('nothing was fetched');
    const signed = readSigned(document, network);
    const { version } = signed.snapshot;
    const floor = network.state.floor.data.config_version;
    const held = config.current();
    // Held below the floor: it was raised, and then the process ended or the disk failed before the snapshot was written.
    const isOther = version === held?.snapshot.version && held.digest !== signed.digest;
    if (version < floor || isOther) {
      throw new ConfigRefusedError(`version ${version} does not rise above ${floor}`, {
        advice:
          'Somebody replays an old configuration, or the network lost its own history: ask the network.',
        details: { version, floor },
      });
    }
    if (floor > 0 && version - floor > MAX_VERSION_STEP) {
      throw new ConfigRefusedError(`version ${version} is implausibly far above ${floor}`);
    }
    if (isExpired(signed.snapshot, time.nowMs())) {
      throw new ConfigRefusedError('the snapshot has expired', {
        advice:
          'By its own time the network serves an old snapshot: its operator must publish a new one. This machine’s clock has no part in it.',
      });
    }
    config.candidate.verified = signed;
    return refOf(signed);
  });

export const planConfig = ({ config }: SyncConfigParts) =>
  fromPromise<ConfigPlan, { digest: string }>(async () => {
    const { verified } = config.candidate;
    if (verified === undefined) throw new ConfigRefusedError('nothing was verified');
    return planOf(verified);
  });

/** @throws StateWriteError: the old snapshot is still in force then */
export const applyConfig = ({ membership, config, logger }: SyncConfigParts) =>
  fromPromise<void, { digest: string }>(async () => {
    const { state } = membership.network.get();
    const { verified } = config.candidate;
    if (verified === undefined) throw new ConfigRefusedError('nothing was verified');
    const { version } = verified.snapshot;
    await state.floor.update((floor) => ({
      ...floor,
      config_version: Math.max(floor.config_version, version),
    }));
    await state.writeConfig(verified.document);
    config.adopt(verified);
    logger.info({ event: 'config.applied', version, digest: verified.digest }, 'configuration applied');
  });

/** @throws ConfigRefusedError when there is nothing to return to */
export const rollBackConfig = ({ membership, config, logger }: SyncConfigParts) =>
  fromPromise<ConfigPlan, undefined>(async () => {
    const network = membership.network.get();
    const document = await network.state.restorePrevious();
    if (document === undefined) throw new ConfigRefusedError('there is no previous configuration');
    const previous = readSigned(document, network);
    config.adopt(previous);
    logger.warn(
      { event: 'config.rolled_back', version: previous.snapshot.version, digest: previous.digest },
      'configuration rolled back',
    );
    return planOf(previous);
  });

/** The last known configuration, verified again; null at the first start, or when what is on disk cannot be believed. */
export const loadConfig = ({ membership, config, logger, repairs }: SyncConfigParts) =>
  fromPromise<ConfigPlan | null, undefined>(async () => {
    const network = membership.network.get();
    const document = await network.state.readConfig();
    if (document === undefined) return null;
    try {
      const signed = readSigned(document, network);
      config.adopt(signed);
      logger.info(
        { event: 'config.loaded', version: signed.snapshot.version },
        'last known configuration taken up',
      );
      return planOf(signed);
    } catch (error) {
      logger.warn(
        { event: 'config.unreadable', err: error },
        'the stored configuration is not to be believed; fetching it anew',
      );
      // Else the next one would make it the copy to fall back on.
      const kept = await network.state.setConfigAside().catch(() => undefined);
      const what = `${network.id.name}/config`;
      repairs.note({ what, how: 'fetched', kept: kept === undefined ? [] : [kept] }, logger);
      return null;
    }
  });
