// Where lines go: all of them to the owner, each network's own to that network's report log, and those of the Runtime to
// whom it serves. No network reads of another.
import type { Logger } from 'pino';
import { createLogger, type LoggerOptions } from '../adapters/logs/create-logger.js';
import type { ReportLog } from '../adapters/logs/report-log.js';

export interface NetworkLog {
  readonly logger: Logger;
  /** @param servesIt whether the Runtime works for this network */
  attachReports(reports: ReportLog, servesIt: () => boolean): void;
}

export interface DaemonLogs {
  /** Of the daemon itself. */
  readonly logger: Logger;
  readonly runtime: Logger;
  /** One for each network, in the owner's order. */
  readonly networks: readonly NetworkLog[];
}

/** @param urls of the networks; with one alone there is nothing to keep apart */
export const createDaemonLogs = (options: LoggerOptions, urls: readonly string[]): DaemonLogs => {
  const daemon = createLogger(options);
  const { logger } = daemon;
  if (urls.length <= 1) {
    const networks = urls.map(() => ({ logger, attachReports: daemon.attachReports }));
    return { logger, runtime: logger, networks };
  }
  const runtime = createLogger(options);
  return {
    logger,
    runtime: runtime.logger,
    networks: urls.map((network) => {
      const own = createLogger({ ...options, base: { ...options.base, network } });
      return {
        logger: own.logger,
        attachReports: (reports, servesIt) => {
          own.attachReports(reports);
          daemon.attachReports(reports);
          runtime.attachReports({
            write: (line) => {
              if (servesIt()) reports.write(line);
            },
          });
        },
      };
    }),
  };
};
