// `doctor`: looks at everything the node rests on and says what to do next. Needs no running node, and disturbs none.
import { Command } from 'commander';
import type { DoctorReport } from '../doctor/report.js';
import type { Subject } from '../doctor/subject.js';
import { NodeError } from '../errors.js';
import { AGENT_VERSION } from '../version.js';
import { withNetwork } from './choose-network.js';
import { knownNetwork } from './known-network.js';
import { answer, type NodeOptions, settingsOf, withSettings } from './node-options.js';
import { type CommandIo, note, printTable } from './output.js';
import { showProgress } from './progress.js';

interface DoctorOptions extends NodeOptions {
  readonly network?: string;
}

/** Something failed; the report has said what. */
class DoctorFindingsError extends NodeError {
  readonly code = 'DOCTOR_FINDINGS';
  readonly retryable = false;
}

/** Stopped before everything had been looked at. */
class DoctorInterruptedError extends NodeError {
  readonly code = 'DOCTOR_INTERRUPTED';
  readonly retryable = false;
}

export const doctorCommand = (io: CommandIo): Command =>
  withSettings(
    withNetwork(
      new Command('doctor').description(
        'check this host, the settings and the engines; say what to do about each finding',
      ),
    ),
    [
      'doctor',
      'doctor --network mainnet',
      'doctor --json | jq -r \'.checks[] | select(.outcome == "failure") | .id\'',
    ],
  ).action(async (options: DoctorOptions) => {
    const report = await examine(options, io);
    answer(io, options, report, () => show(io, report));
    if (io.signal.aborted) throw new DoctorInterruptedError('interrupted: not everything was looked at');
    if (!report.healthy) {
      const { failure } = report.counts;
      throw new DoctorFindingsError(`${failure} ${failure === 1 ? 'check' : 'checks'} failed`, {
        advice: 'Follow the remedies above from top to bottom, and run the doctor again.',
      });
    }
  });

const examine = async (options: DoctorOptions, io: CommandIo): Promise<DoctorReport> => {
  const { ALL_CHECKS } = await import('../doctor/all-checks.js');
  const { reportOf } = await import('../doctor/report.js');
  const { runChecks } = await import('../doctor/run-checks.js');
  const { thisHost } = await import('../doctor/this-host.js');
  const host = thisHost(() => settingsOf(options, io), io.env);
  const subject = await aboutNetwork(host.subject, options.network);
  const progress = showProgress(io, options.json !== true);
  try {
    const results = await runChecks(ALL_CHECKS, subject, io.signal, (ids) => {
      progress.say(
        `${ALL_CHECKS.length - ids.length} of ${ALL_CHECKS.length}; waiting for ${ids.join(', ')}`,
      );
    });
    return reportOf(AGENT_VERSION, results);
  } finally {
    progress.end();
    host.close();
  }
};

/** Settings that cannot be used name no network: the check of the settings says what is wrong. */
const aboutNetwork = async (subject: Subject, wanted: string | undefined): Promise<Subject> => {
  if (wanted === undefined || !('config' in subject.settings)) return subject;
  const { url } = await knownNetwork(subject.settings.config, wanted);
  return { ...subject, onlyNetwork: url };
};

const show = (io: CommandIo, { checks, counts }: DoctorReport): void => {
  const rows: string[][] = [];
  const skipped = new Map<string, string[]>();
  for (const { outcome, id, evidence, remedy } of checks) {
    if (outcome === 'skipped') skipped.set(evidence, [...(skipped.get(evidence) ?? []), id]);
    else rows.push([outcome, id, evidence]);
    if (remedy !== null) rows.push(['', '', `-> ${remedy}`]);
  }
  // What does not fit the settings asks for nothing: one line for each reason.
  for (const [why, [first = '', ...more]] of skipped) {
    rows.push(['skipped', more.length === 0 ? first : `${first} +${more.length}`, why]);
  }
  printTable(io, ['OUTCOME', 'CHECK', 'EVIDENCE'], rows);
  note(
    io,
    `${counts.ok} ok, ${counts.warning} to look at, ${counts.failure} failed, ${counts.skipped} skipped`,
  );
};
