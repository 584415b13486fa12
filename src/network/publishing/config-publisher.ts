// The configuration the network wants in force: signed, versioned, kept for ever by digest.
import type { ConfigSnapshot } from '../../protocol/config-snapshot.js';

/** A snapshot is in force for 30 days unless its draft says otherwise. */
export const DEFAULT_EXPIRES_IN_MS = 30 * 24 * 3_600_000;

export interface PublishedConfig {
  readonly version: number;
  /** SHA-256 of the snapshot's bytes: the `config_digest`. */
  readonly digest: string;
  readonly snapshot: ConfigSnapshot;
  /** The signed document (frame), served as it is. */
  readonly document: Uint8Array;
}

/** What an operator writes: everything but what the publisher sets (kind, network, version, issue time). */
export type ConfigDraft = Omit<
  ConfigSnapshot,
  'kind' | 'network' | 'version' | 'issued_ms' | 'expires_ms'
> & {
  readonly expires_in_ms?: number;
};

export interface ConfigPublisher {
  current(): PublishedConfig | undefined;
  byDigest(digest: string): PublishedConfig | undefined;
  /**
   * Signs and stores the next version.
   * @param replaces the version its author has seen, 0 for none; absent: whatever is in force
   * @throws ConfigDraftError when the draft breaks a bound, ConfigReplacedError when another version is in force
   */
  publish(draft: ConfigDraft, replaces?: number): Promise<PublishedConfig>;
  onPublished(listener: (config: PublishedConfig) => void): () => void;
}
