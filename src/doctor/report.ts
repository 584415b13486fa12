// What the doctor found, as programs read it. Its JSON is an interface: members are added, never changed.
import { z } from 'zod';
import type { CheckResult } from './run-checks.js';

const outcome = z.enum(['ok', 'warning', 'failure', 'skipped']);

export const doctorReport = z.object({
  agentVersion: z.string().meta({ description: 'Version of the program that looked.' }),
  /** Nothing failed. */
  healthy: z.boolean().meta({ description: 'Whether nothing failed. Warnings do not count.' }),
  counts: z.object({ ok: z.int(), warning: z.int(), failure: z.int(), skipped: z.int() }),
  checks: z.array(
    z.object({
      id: z.string().meta({ description: 'Stable name of the check.' }),
      outcome,
      evidence: z.string().meta({ description: 'What was seen; of a skipped check, why.' }),
      remedy: z.string().nullable().meta({ description: 'The next thing to do; null where there is none.' }),
      tookMs: z.int().min(0),
    }),
  ),
});
export type DoctorReport = z.infer<typeof doctorReport>;

export const reportOf = (agentVersion: string, results: readonly CheckResult[]): DoctorReport => {
  const counts = { ok: 0, warning: 0, failure: 0, skipped: 0 };
  for (const result of results) counts[result.outcome] += 1;
  return {
    agentVersion,
    healthy: counts.failure === 0,
    counts,
    checks: results.map(({ id, outcome: came, evidence, remedy, tookMs }) => ({
      id,
      outcome: came,
      evidence,
      remedy: remedy ?? null,
      tookMs,
    })),
  };
};
