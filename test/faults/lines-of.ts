// Log lines of a process, as far as they are JSON.
export interface LogLine {
  readonly event?: string;
  readonly [fact: string]: unknown;
}

export const linesOf = (output: string): readonly LogLine[] =>
  output.split('\n').flatMap((line) => {
    try {
      return line.startsWith('{') ? [JSON.parse(line) as LogLine] : [];
    } catch {
      return []; // the last one, cut by a kill
    }
  });
