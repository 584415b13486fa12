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
  updateAvailable: 10,
  /** sysexits EX_TEMPFAIL: the same call may succeed later. */
  tryAgain: 75,
  /** sysexits EX_CONFIG: no restart helps before somebody changes a setting. */
  badConfig: 78,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Stable error codes whose exit code is not simply "failure" or "try again". */
const BY_ERROR_CODE: Readonly<Record<string, ExitCode>> = {
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
  PROOF_REFUSED: EXIT.forbidden,
  ALREADY_BOUND: EXIT.forbidden,
};

/** @param caught whatever a command threw; commander throws for help and version too */
export const exitCodeOf = (caught: unknown): ExitCode => {
  if (caught instanceof CommanderError) return caught.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (!(caught instanceof NodeError)) return EXIT.failure;
  if (Object.hasOwn(BY_ERROR_CODE, caught.code)) return BY_ERROR_CODE[caught.code] ?? EXIT.failure;
  return caught.retryable ? EXIT.tryAgain : EXIT.failure;
};
