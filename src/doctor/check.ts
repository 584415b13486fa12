// One question the doctor asks, whatever the settings: it decides itself whether it fits them.
import type { Finding } from './finding.js';
import type { Subject } from './subject.js';

export interface Check {
  /** Stable: scripts and the documentation refer to it. */
  readonly id: string;
  /** What it looks at, for the documentation. */
  readonly about: string;
  /** Milliseconds until it counts as failed; 5000 unless told. */
  readonly limitMs?: number;
  /** What to do where it takes longer than that. */
  readonly ifSlow?: string;
  /**
   * @param signal aborts when the time is over
   * @throws SkipCheck where it does not fit; a NodeError is a failure with its advice as remedy
   */
  look(subject: Subject, signal: AbortSignal): Finding | Promise<Finding>;
}
