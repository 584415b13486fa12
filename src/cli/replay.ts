// `replay`: plays a recording of `start --record` back through the statecharts alone, to its end or to the first
// difference. No engine, no network, no key.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Command, InvalidArgumentError } from 'commander';
import { NodeError } from '../errors.js';
import type { ReplayDifference, ReplayOutcome } from '../replay/replay-recording.js';
import { answer, type NodeOptions, withExamples } from './node-options.js';
import { type CommandIo, UsageError } from './output.js';
import { showProgress } from './progress.js';

interface ReplayOptions extends NodeOptions {
  readonly until?: number;
  readonly actor?: string;
}

/** The statecharts of this version do something else than those that were recorded. */
class ReplayDiffersError extends NodeError {
  readonly code = 'REPLAY_DIFFERS';
  readonly retryable = false;
}

const lineNumber = (text: string): number => {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw new InvalidArgumentError('a line, from 1');
  return number;
};

export const replayCommand = (io: CommandIo): Command =>
  withExamples(
    new Command('replay')
      .description('play a recording back through the statecharts, up to the first difference')
      .argument('<file>', 'what `start --record` wrote')
      .option('--until <line>', 'stop after this line', lineNumber)
      .option('--actor <name>', 'only statecharts of this name (e.g. job), id (job-slot-0) or session (x:3)')
      .option('--json', 'print JSON for programs'),
    [
      'replay node.ndjson',
      'replay node.ndjson --actor runtime',
      'replay node.ndjson --json | jq .difference',
    ],
  ).action(async (file: string, options: ReplayOptions) => {
    const outcome = await replayFile(file, options, io);
    const { header, ...told } = outcome;
    answer(io, options, { ...told, agentVersion: header.agentVersion, startedMs: header.startedMs }, () =>
      io.stdout.write(inWords(outcome)),
    );
    if (outcome.difference !== null) {
      const { line, machine, event } = outcome.difference;
      throw new ReplayDiffersError(`line ${line}: ${machine} differs after ${event}`, {
        advice:
          outcome.otherCharts.length > 0
            ? `Drawn otherwise since the recording: ${outcome.otherCharts.join(', ')}. Replay it with version ${header.agentVersion} to see what it saw.`
            : 'The same statecharts decide otherwise: please report this with the recording.',
      });
    }
  });

const replayFile = async (file: string, options: ReplayOptions, io: CommandIo): Promise<ReplayOutcome> => {
  const { machines } = await import('../machines/catalog.js');
  const { chartDigests } = await import('../replay/chart-digest.js');
  const { replayRecording } = await import('../replay/replay-recording.js');
  const progress = showProgress(io, options.json !== true);
  const lines = createInterface({
    input: createReadStream(file, 'utf8'),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  try {
    return await replayRecording(lines, {
      machines,
      charts: chartDigests(machines),
      ...(options.until === undefined ? {} : { until: options.until }),
      ...(options.actor === undefined ? {} : { actor: options.actor }),
      onProgress: (line) => progress.say(`line ${line}`),
    });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR') {
      throw new UsageError(`cannot read ${file}: ${code}`, { cause });
    }
    throw cause;
  } finally {
    progress.end();
    lines.close();
  }
};

const inWords = (outcome: ReplayOutcome): string => {
  const { header, events, actors, untilMs, difference } = outcome;
  const seconds = (untilMs / 1_000).toFixed(1);
  const made = new Date(header.startedMs).toISOString();
  const lines = [
    `Recorded ${made} by version ${header.agentVersion}.`,
    difference === null
      ? `The same: ${events} events of ${actors} statecharts, ${seconds} s.`
      : `The same for ${events} events of ${actors} statecharts, ${seconds} s, and then:`,
    ...(difference === null ? [] : differenceInWords(difference)),
    ...(outcome.ended === null ? [] : [`The recording ends early: ${outcome.ended}.`]),
    ...(outcome.isTorn ? ['Its last line is not whole: the node was killed while writing it.'] : []),
    ...(difference === null && outcome.otherCharts.length > 0
      ? [`Drawn otherwise since, and yet the same: ${outcome.otherCharts.join(', ')}.`]
      : []),
  ];
  return `${lines.join('\n')}\n`;
};

const differenceInWords = (difference: ReplayDifference): readonly string[] => [
  `  line ${difference.line}, at ${difference.atMs} ms: ${difference.machine} ${difference.id} (${difference.actor}) got ${difference.event}`,
  ...difference.deviations.map(
    ({ what, recorded, replayed }) =>
      `  ${what}: recorded ${JSON.stringify(recorded)}, now ${JSON.stringify(replayed)}`,
  ),
  ...(difference.error === undefined ? [] : [`  it failed: ${difference.error}`]),
];
