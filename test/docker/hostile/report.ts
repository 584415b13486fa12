// What the hostile program tells: one line of JSON for each probe.
import { z } from 'zod';

const probeLine = z.strictObject({
  name: z.string(),
  group: z.enum(['network', 'engine', 'privileges', 'files', 'keys', 'observed', 'resources']),
  succeeded: z.boolean(),
  evidence: z.string(),
  /** Refused in a way nobody expected: the probe proves nothing. */
  broken: z.boolean(),
});

export type ProbeResult = z.infer<typeof probeLine>;

/** @throws ZodError, SyntaxError for a line that is no report, a traceback for instance */
export const readReport = (lines: readonly string[]): readonly ProbeResult[] =>
  lines.map((line) => probeLine.parse(JSON.parse(line)));

/** Those that count: what is only observed is no attempt on the seal. */
export const attempts = (report: readonly ProbeResult[]): readonly ProbeResult[] =>
  report.filter(({ group }) => group !== 'observed');
