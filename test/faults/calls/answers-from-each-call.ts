// EIO and ENOSPC at every call by which a life changes its disk: it ends in words or goes on, and what it had promised
// before is there.
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { z } from 'zod';
import { memoryScratch } from '../memory-scratch.js';
import { FaultTally } from '../report.js';
import { isWhole, shareOf } from '../scale.js';
import { bundleLife } from './bundle-life.js';
import { durableCalls, freshLife } from './durable-calls.js';
import { judgeWhole } from './judge-whole.js';
import { type HitLife, liveWithFault } from './live-with-fault.js';
import { REFUSED } from './whole-plan.js';

const refusal = z.object({ code: z.string(), advice: z.string().min(1) });

/** @throws when it neither went on nor ended in words with advice */
const outcomeOf = ({ exitCode, signal, stdout, stderr }: HitLife): string => {
  // lmdb-js may end the process on a failed write: then what was promised before must be there, as after a kill.
  if (signal !== undefined) return 'ended by lmdb-js, every promise kept';
  if (exitCode === 0) return 'of no consequence';
  if (exitCode !== REFUSED) throw new Error(`ended with ${exitCode}: ${stderr.slice(-3_000)}`);
  return `refused: ${refusal.parse(JSON.parse(stdout)).code}`;
};

/** @throws where a life ends without words, or a promise is broken */
export const answersFromEachCall = async (code: 'EIO' | 'ENOSPC'): Promise<void> => {
  const scratch = memoryScratch();
  const program = await bundleLife(join(import.meta.dirname, 'lives/whole.ts'));
  const calls = await durableCalls(freshLife(program, scratch), scratch);
  const tally = new FaultTally('data directory');
  onTestFinished(() => tally.file());
  for (const call of shareOf(calls)) {
    // What frees space does not run out of it.
    if (code === 'ENOSPC' && /unlink|rmdir|chmod/.test(call.kind)) continue;
    const life = freshLife(program, scratch);
    const hit = await liveWithFault(life, call, `error=${code}`);
    expect(hit.wasHit).toBe(true);
    try {
      tally.count(`${code} from ${call.kind}`, outcomeOf(hit));
      await judgeWhole(life.root, life.says);
    } catch (cause) {
      throw new Error(`${code} from ${call.kind} ${call.nth} on ${call.path}`, { cause });
    }
  }
  expect(tally.total()).toBeGreaterThan(isWhole ? 120 : 0);
};
