// Every durable call of a journal's life fails once: refused in words, nothing half done, and the next try succeeds.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { openJobJournal } from '../../../src/adapters/journal/lmdb-journal.js';
import { attempt } from '../../adapters/journal/job-fixtures.js';
import { bundleLife } from '../calls/bundle-life.js';
import { recordingObstacle } from '../crash/record-life.js';
import { memoryScratch } from '../memory-scratch.js';
import { FaultTally } from '../report.js';
import { isWhole } from '../scale.js';

const CALLS = ['fdatasync', 'pwrite64', 'writev', 'rename', 'mkdir', 'ftruncate'] as const;
/** Above what any thread of the life does. */
const MOST_CALLS = 24;

const fact = z.object({
  step: z.string().optional(),
  refused: z.string().optional(),
  isTyped: z.boolean().optional(),
  failure: z.object({ code: z.string(), advice: z.string().optional() }).optional(),
  inMemory: z.array(z.string()).optional(),
  onDisk: z.array(z.string()).optional(),
});
type Fact = z.infer<typeof fact>;

interface Ended {
  readonly facts: readonly Fact[];
  /** The end of a process that did not end by itself. */
  readonly signal: string | undefined;
  readonly wasMet: boolean;
}

/** @param nth of each thread's calls of this kind on the journal's files */
const live = (program: string, dir: string, call: string, nth: number, code: string): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const paths = ['', '/data.mdb', '/data.mdb.new', '/lock.mdb', '/data.mdb.new-lock'];
    // With the filter in the kernel only the calls asked for stop the program.
    const options = ['--seccomp-bpf', '-f', '-o', '!cat >&2', `--inject=${call}:error=${code}:when=${nth}`];
    for (const path of paths) options.push('-P', `${dir}${path}`);
    options.push('-e', `trace=${call}`, process.execPath, program, dir);
    execFile('strace', options, { timeout: 60_000 }, (error, stdout, stderr) => {
      const facts = stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => fact.parse(JSON.parse(line)));
      const wasKilled = typeof error?.code === 'number' && error.code > 128;
      const signal = error?.signal ?? (wasKilled ? `signal ${Number(error.code) - 128}` : undefined);
      if (error !== null && signal === undefined)
        reject(new Error(`the life failed: ${stderr.slice(-2_000)}`));
      else resolve({ facts, signal, wasMet: stderr.includes('(INJECTED)') });
    });
  });

const obstacle = recordingObstacle();

/** lmdb-js may not outlive a failed write: then what was promised before must be there. */
const expectPromises = async (dir: string, facts: readonly Fact[]): Promise<void> => {
  const journal = await openJobJournal(dir);
  const done = facts.flatMap(({ step }) => (step === undefined ? [] : [step]));
  for (const step of done) {
    const [what, number] = step.split(' ');
    const isGone = Number(number) < 3 && facts.some(({ step: one, refused }) => (one ?? refused) === 'prune');
    if (what === 'open' || what === 'prune' || isGone) continue;
    expect(journal.find(attempt(Number(number))), step).toBeDefined();
  }
  await journal.close();
};

test.skipIf(obstacle !== undefined).for(CALLS)('outlives a %s that fails', async (call) => {
  const program = await bundleLife(join(import.meta.dirname, 'lives/journal.ts'));
  const tally = new FaultTally('journal');
  onTestFinished(() => tally.file());
  for (const code of ['EIO', 'ENOSPC']) {
    for (let nth = 1; nth <= (isWhole ? MOST_CALLS : 3); nth++) {
      const dir = join(memoryScratch(), 'jobs');
      const { facts, signal, wasMet } = await live(program, dir, call, nth, code);
      if (!wasMet) break;
      const refusals = facts.filter(({ refused }) => refused !== undefined);
      for (const refusal of refusals) expect(refusal, `${code} at ${nth}`).toMatchObject({ isTyped: true });
      if (signal !== undefined) {
        await expectPromises(dir, facts);
        tally.count(`${code} from ${call}`, 'ended by lmdb-js, every promise kept');
        continue;
      }
      const last = facts.at(-1);
      expect(last?.onDisk, `${code} at ${nth}`).toEqual(['2 acknowledged', '3 receipted']);
      expect(last?.inMemory).toEqual(last?.onDisk);
      tally.count(`${code} from ${call}`, refusals.length > 0 ? 'refused: JOURNAL' : 'of no consequence');
    }
  }
  expect(tally.total()).toBeGreaterThan(0);
});
