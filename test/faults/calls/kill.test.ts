// kill -9 at every call by which a life changes its disk, one after the other: what it had promised is there, and a node
// opens the rest without help.
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { recordingObstacle } from '../crash/record-life.js';
import { memoryScratch } from '../memory-scratch.js';
import { FaultTally } from '../report.js';
import { isWhole, shareOf } from '../scale.js';
import { bundleLife } from './bundle-life.js';
import { durableCalls, freshLife } from './durable-calls.js';
import { judgeWhole } from './judge-whole.js';
import { liveWithFault } from './live-with-fault.js';

const obstacle = recordingObstacle();

test.skipIf(obstacle !== undefined)(
  'keeps every promise over a kill at each call that changes its disk',
  async () => {
    const scratch = memoryScratch();
    const program = await bundleLife(join(import.meta.dirname, 'lives/whole.ts'));
    const calls = await durableCalls(freshLife(program, scratch), scratch);
    const whole = await judgeWhole(join(scratch, 'disk'), join(scratch, 'says'));
    const tally = new FaultTally('data directory');
    onTestFinished(() => tally.file());
    const promised: number[] = [];
    for (const call of shareOf(calls)) {
      const life = freshLife(program, scratch);
      const { signal, stderr } = await liveWithFault(life, call, 'signal=KILL');
      expect({ call, signal, stderr }).toMatchObject({ signal: 'SIGKILL' });
      try {
        promised.push(await judgeWhole(life.root, life.says));
      } catch (cause) {
        throw new Error(`killed at ${call.kind} ${call.nth} on ${call.path}`, { cause });
      }
      tally.count(`kill -9 at ${call.kind}`, 'every promise kept');
    }
    // The kills came all along the life, or they prove little.
    expect(Math.min(...promised)).toBe(0);
    if (isWhole) expect(new Set(promised).size).toBeGreaterThan(whole - 3);
    expect(tally.total()).toBeGreaterThan(isWhole ? 150 : 0);
  },
);
