// What a script learns from the end of a command. The numbers are documented and never change their meaning.
import { CommanderError } from 'commander';
import { NodeError } from '../errors.js';

export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  /** `doctor` found errors. */
  findings: 3,
  notRunning: 4,
  notReady: 5,
  /** Not claimed by an owner, or not allowed. */
  forbidden: 6,
  alreadyRunning: 7,
  timedOut: 8,
  /** `start` was told to stop a third time and left at once: what it had taken is in the journal. */
  cutShort: 9,
  updateAvailable: 10,
  /** `replay`: the statecharts do something else than was recorded. */
  replayDiffers: 11,
  /** sysexits EX_TEMPFAIL: the same call may succeed later. */
  tryAgain: 75,
  /** sysexits EX_CONFIG: no restart helps before somebody changes a setting. */
  badConfig: 78,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What each code says, for the help text and the reference. */
export const EXIT_MEANING: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: 'done; for `start`: told to stop, and stopped cleanly',
  failure: 'it failed; the error says why',
  usage: 'the command line is wrong',
  findings: '`doctor` found failures',
  notRunning: 'no node (or network) runs on this data directory',
  notReady: 'kept for later: it runs and is not ready for jobs',
  forbidden: 'not allowed, or not claimed',
  alreadyRunning: 'a node (or network) runs on this data directory already',
  timedOut: 'kept for later: it did not happen in time',
  cutShort: '`start` was told to stop a third time and left at once; what it had taken is in the journal',
  updateAvailable: 'kept for later: a newer version is there',
  replayDiffers: '`replay`: the statecharts do something else than was recorded',
  tryAgain: 'the same may succeed later',
  badConfig: 'a setting is wrong or missing: no restart helps before it is changed',
};

/** Stable error codes whose exit code is not simply "failure" or "try again". */
export const BY_ERROR_CODE: Readonly<Record<string, ExitCode>> = {
  NETWORK_NOT_RUNNING: EXIT.notRunning,
  NETWORK_RUNNING: EXIT.alreadyRunning,
  NETWORK_OPTIONS: EXIT.badConfig,
  NETWORK_DIRECTORY: EXIT.badConfig,
  NETWORK_KEYS: EXIT.badConfig,
  CONFIG_DRAFT: EXIT.badConfig,
  DAEMON_NOT_RUNNING: EXIT.notRunning,
  DAEMON_RUNNING: EXIT.alreadyRunning,
  CONFIG: EXIT.badConfig,
  DATA_DIRECTORY: EXIT.badConfig,
  USAGE: EXIT.usage,
  REPORT_NOT_DELIVERED: EXIT.timedOut,
  DOCTOR_FINDINGS: EXIT.findings,
  REPLAY_DIFFERS: EXIT.replayDiffers,
  PROOF_REFUSED: EXIT.forbidden,
  ALREADY_BOUND: EXIT.forbidden,
  ORDER_NOT_FOLLOWED: EXIT.forbidden,
};

/** @param caught whatever a command threw; commander throws for help and version too */
export const exitCodeOf = (caught: unknown): ExitCode => {
  if (caught instanceof CommanderError) return caught.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (!(caught instanceof NodeError)) return EXIT.failure;
  if (Object.hasOwn(BY_ERROR_CODE, caught.code)) return BY_ERROR_CODE[caught.code] ?? EXIT.failure;
  return caught.retryable ? EXIT.tryAgain : EXIT.failure;
};
