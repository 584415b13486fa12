// Which lines of the log the reader wants to see.
import type { LogEntry } from '../../../src/console/feed/feed-messages.js';

/** From the quietest on. */
export const LEVELS: readonly string[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

/** Empty where anything will do. */
export interface WantedLines {
  /** The least; a level nobody knows is always shown. */
  readonly level: string;
  readonly text: string;
  readonly component: string;
}

export const isWantedLine = ({ level, text, component }: WantedLines) => {
  const least = LEVELS.indexOf(level);
  const sought = text.toLowerCase();
  return (line: LogEntry): boolean => {
    const rank = LEVELS.indexOf(line.level);
    if (rank !== -1 && rank < least) return false;
    if (component !== '' && line.component !== component) return false;
    return (
      sought === '' ||
      [line.message, line.event, line.job, line.network, line.component].some(
        (part) => part?.toLowerCase().includes(sought) ?? false,
      )
    );
  };
};

export const componentsOf = (lines: readonly LogEntry[]): readonly string[] =>
  [...new Set(lines.flatMap(({ component }) => (component === null ? [] : [component])))].sort();
