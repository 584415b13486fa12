// The checker: asks every invariant of a history, and whether the run was worth the name.
import type { History } from './history.js';
import type { Invariant } from './invariant.js';
import { oneEnd } from './invariants/i01-one-end.js';
import { oneReceipt } from './invariants/i02-one-receipt.js';
import { receiptChain } from './invariants/i03-receipt-chain.js';
import { framesBound } from './invariants/i04-frames-bound.js';
import { keyWrittenOnce } from './invariants/i05-key-written-once.js';
import { versionFloor } from './invariants/i06-version-floor.js';
import { verifiedModels } from './invariants/i07-verified-models.js';
import { sealedRuntime } from './invariants/i08-sealed-runtime.js';
import { noCanary } from './invariants/i09-no-canary.js';
import { bounds } from './invariants/i10-bounds.js';
import { logSegments } from './invariants/i11-log-segments.js';
import { comesBack } from './invariants/i12-comes-back.js';
import { oneSession } from './invariants/i13-one-session.js';

export const INVARIANTS: readonly Invariant[] = [
  ...[oneEnd, oneReceipt, receiptChain, framesBound, keyWrittenOnce, versionFloor, verifiedModels],
  ...[sealedRuntime, noCanary, bounds, logSegments, comesBack, oneSession],
];

interface Verdict {
  readonly id: string;
  readonly rule: string;
  readonly evidence: number;
  readonly violations: readonly string[];
}

export interface Judgement {
  readonly verdicts: readonly Verdict[];
  /** Why the run proves nothing, whatever it shows. */
  readonly tooLittle: readonly string[];
}

export const checkHistory = (history: History): Judgement => ({
  verdicts: INVARIANTS.map((one) => ({
    id: one.id,
    rule: one.rule,
    evidence: one.evidence(history),
    violations: one.violations(history),
  })),
  tooLittle: tooLittle(history),
});

const tooLittle = (history: History): string[] => {
  const [run, ...more] = history.of('run');
  if (run === undefined || more.length > 0) return ['a history tells of exactly one run'];
  const counted = [
    ['job', history.of('asked').length, run.least_jobs],
    ['fault', history.of('fault').length, run.least_faults],
  ] as const;
  return counted.flatMap(([what, found, least]) =>
    found < least || found === 0 ? [`${found} ${what}s in a run that was to have at least ${least}`] : [],
  );
};

/**
 * @param unseen invariants this kind of run shows nothing of, each with the reason
 * @throws Error with everything that is wrong, and the seed to repeat the run with
 */
export const expectSound = (
  history: History,
  unseen: Readonly<Record<string, string>> = { I8: 'the Runtime here is no container; see test:docker' },
): void => {
  const { verdicts, tooLittle: excuses } = checkHistory(history);
  const wrong = [...excuses];
  for (const { id, rule, evidence, violations } of verdicts) {
    for (const violation of violations.slice(0, 5)) wrong.push(`${id} (${rule}): ${violation}`);
    if (violations.length > 5) wrong.push(`${id}: and ${violations.length - 5} more`);
    if (evidence === 0 && unseen[id] === undefined)
      wrong.push(`${id} (${rule}): this run shows nothing of it`);
  }
  if (wrong.length === 0) return;
  const [run] = history.of('run');
  throw new Error(`run '${run?.name}', seed ${run?.seed}:\n- ${wrong.join('\n- ')}`);
};
