// The configuration the network wants in force: signed, versioned, kept for ever by digest.
import type { ConfigSnapshot } from '../../protocol/config-snapshot.js';

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
  /** Signs and stores the next version. @throws ConfigDraftError when the draft breaks a bound */
  publish(draft: ConfigDraft): Promise<PublishedConfig>;
  onPublished(listener: (config: PublishedConfig) => void): () => void;
}
