// The configuration the services work by, and the one a sync is about to put in its place.
import type { ConfigSnapshot, ModelEntry, NamedConfig } from '../protocol/config-snapshot.js';
import type { Digest } from '../protocol/primitives.js';

/** A verified snapshot with the signed document it came in. */
export interface SignedConfig extends NamedConfig {
  readonly document: Uint8Array;
}

export interface ConfigCandidate {
  document: Uint8Array | undefined;
  verified: SignedConfig | undefined;
  /** When its sync began to fetch it; monotonic milliseconds. */
  fetchedMonotonicMs: number | undefined;
}

export interface ConfigInForce {
  current(): SignedConfig | undefined;
  adopt(config: SignedConfig): void;
  /** Fetched or verified and not in force yet, by digest. At most one is kept. */
  readonly candidate: ConfigCandidate;
  /** The entry of a listed model, in the snapshot in force. */
  model(digest: Digest): ModelEntry | undefined;
}

export const createConfigInForce = (): ConfigInForce => {
  let current: SignedConfig | undefined;
  return {
    current: () => current,
    adopt: (config) => {
      current = config;
    },
    candidate: { document: undefined, verified: undefined, fetchedMonotonicMs: undefined },
    model: (digest) => current?.snapshot.models.find((model) => model.digest === digest),
  };
};

/** After this moment no new jobs are taken on the snapshot. */
export const isExpired = (snapshot: ConfigSnapshot, nowMs: number): boolean => nowMs > snapshot.expires_ms;
