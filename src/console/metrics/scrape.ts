// What the metrics say, gathered at one moment: plain facts, so that every family only has to pick its own.
import type { DeclineCode, OutcomeCode, ResultVerdict } from '../../protocol/codes.js';
import type { HardwareProfile } from '../../protocol/hardware.js';
import type { NetworkStatus, NodeStatus } from '../node-view.js';

/** An attempt that was accepted and has ended; durations count from its offer, in milliseconds. */
export interface EndedJob {
  readonly outcome: OutcomeCode;
  readonly completion_tokens: number;
  readonly queue_ms: number;
  readonly first_token_ms: number;
  readonly total_ms: number;
  readonly isStream: boolean;
}

/** The work in one network since the process began; counts only rise. */
export interface WorkDone {
  readonly accepted: number;
  readonly ended: Readonly<Record<OutcomeCode, number>>;
  readonly declined: Readonly<Record<DeclineCode, number>>;
  readonly verdicts: Readonly<Record<ResultVerdict, number>>;
  readonly expired: number;
  readonly promptTokens: number;
  readonly outputTokens: number;
  readonly generatedTokens: number;
}

/** Where histograms hear of what they count. */
export interface WorkNews {
  follow(listener: { firstToken?(ms: number): void; ended?(job: EndedJob): void }): () => void;
}

/** Undefined and null: not known, and so not told. Never zero in their place. */
export interface NetworkScrape {
  /** By its name, or its host before it has told one; unique among the node's networks. */
  readonly network: string;
  readonly status: NetworkStatus;
  readonly work: WorkDone;
  readonly journal: NonNullable<NodeStatus['journal']> | null;
  /** Age of the result that waits longest for the network's word; undefined while none does. */
  readonly longestInOutboxMs: number | undefined;
  readonly config: {
    readonly issuedMs: number;
    readonly expiresMs: number;
    /** The network has named a newer one than is in force. */
    readonly isBehind: boolean;
  } | null;
  /** This clock minus the network's; undefined before it has told the time. */
  readonly clockOffsetMs: number | undefined;
}

/** Load as the engine tells it; null where it does not. */
export interface EngineScrape {
  readonly running: number | null;
  readonly waiting: number | null;
  readonly kvUse: number | null;
  readonly tokensOut: number | null;
}

export interface Scrape {
  readonly node: Pick<NodeStatus, 'nodeId' | 'agentVersion' | 'runtime'>;
  readonly networks: readonly NetworkScrape[];
  readonly hardware: HardwareProfile | undefined;
  /** Undefined while no engine is up, or while it does not answer in time. */
  readonly engine: EngineScrape | undefined;
  /** Damages on disk that were mended since the start. */
  readonly repairs: number;
}
