// The daemon's logger: pino with our field rules. JSON lines, ISO time, level as a word, a component and an event.
import { type Bindings, type ChildLoggerOptions, type Logger, pino } from 'pino';
import { cappedText, cleanFields, cleanValue } from './clean-fields.js';
import { createLogDestination, type LogSink } from './log-destination.js';
import type { ReportLog } from './report-log.js';

export type { LogSink } from './log-destination.js';

export interface LoggerOptions {
  readonly level: string;
  /** `auto`: pretty for a terminal, else JSON. */
  readonly format: 'json' | 'pretty' | 'auto';
  readonly sink: LogSink;
  /** Fields of every line. No `component` here: children name theirs, and pino would write both. */
  /** Gets every line as well, from the first on. */
  readonly also?: Pick<ReportLog, 'write'> | undefined;
  readonly base?: Readonly<Record<string, unknown>>;
}

export interface DaemonLogger {
  readonly logger: Logger;
  /** From now on this report log gets every line as well. */
  attachReports(reports: Pick<ReportLog, 'write'>): void;
}

export const createLogger = ({ level, format, sink, also, base = {} }: LoggerOptions): DaemonLogger => {
  const pretty = format === 'pretty' || (format === 'auto' && sink.isTTY === true);
  const destination = createLogDestination(sink, pretty);
  if (also !== undefined) destination.attachReports(also);
  const logger = pino(
    {
      level,
      base: cleanFields(base),
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: cleanFields },
      // Errors arrive here as plain objects already.
      serializers: { err: (value: unknown) => value },
      hooks: {
        logMethod(args, method) {
          const [first, ...rest] = args.map((arg: unknown, at) =>
            typeof arg === 'string' ? cappedText(arg) : at === 0 ? arg : cleanValue(arg),
          );
          method.apply(this, [first, ...rest] as Parameters<typeof method>);
        },
      },
    },
    destination,
  );
  cleanBindings(logger);
  return { logger, attachReports: destination.attachReports };
};

/** pino forgets `formatters.bindings` in children; children inherit from their parent, so one override serves all. */
const cleanBindings = (logger: Logger): void => {
  const { child, setBindings } = logger;
  Object.defineProperties(logger, {
    child: {
      value(this: Logger, bindings: Bindings, options?: ChildLoggerOptions) {
        return Reflect.apply(child, this, [cleanFields(bindings), options]);
      },
    },
    setBindings: {
      value(this: Logger, bindings: Bindings) {
        setBindings.call(this, cleanFields(bindings));
      },
    },
  });
};
