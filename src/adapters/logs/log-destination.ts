// Where finished lines go: to the sink a person or a collector reads, and to the report logs of the joined networks.
import { prettyFactory } from 'pino-pretty';
import type { ReportLog } from './report-log.js';

/** A terminal, a pipe, or a test; `process.stdout` is one. */
export interface LogSink {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

/** JSON escapes line feeds and ANSI's ESC by itself; these still steer a terminal or reorder what is read. */
const UNSEEN = /[\p{Cf}\u007f-\u009f\u2028\u2029]/gu;
/** Escapes of JSON text; with `\\` and `\"` among them none is taken apart. */
const ESCAPES = /\\(?:u[0-9a-f]{4}|.)/g;

const escapeUnseen = (line: string): string =>
  line.replace(UNSEEN, (found) =>
    Array.from({ length: found.length }, (_, at) => hexEscape(found.charCodeAt(at))).join(''),
  );

const hexEscape = (unit: number): string => `\\u${unit.toString(16).padStart(4, '0')}`;

/** Escapes once more, so that whoever parses the line gets text in which control characters stay visible escapes. */
const keepEscapes = (line: string): string =>
  line.replace(ESCAPES, (found) => (/^\\[ubfnrt]/.test(found) ? `\\${found}` : found));

export interface LogDestination {
  write(line: string): void;
  /** From now on this log gets every line as well. */
  attachReports(reports: Pick<ReportLog, 'write'>): void;
}

export const createLogDestination = (sink: LogSink, pretty: boolean): LogDestination => {
  const reports: Pick<ReportLog, 'write'>[] = [];
  const format = pretty
    ? prettyFactory({
        colorize: sink.isTTY === true,
        translateTime: 'SYS:HH:MM:ss.l',
        ignore: 'pid,hostname',
      })
    : undefined;
  return {
    write(line) {
      const safe = escapeUnseen(line.endsWith('\n') ? line.slice(0, -1) : line);
      sink.write(format === undefined ? `${safe}\n` : (format(keepEscapes(safe)) ?? ''));
      for (const log of reports) log.write(safe);
    },
    attachReports: (log) => void reports.push(log),
  };
};
