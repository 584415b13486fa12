// What durability costs: jobs through all four steps of the journal, one after the other and many at once, beside plain
// writes with fdatasync on the same disk in the same run. Ratios say more than rates: those are of this disk only.
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { JobJournal } from '../src/adapters/journal/job-journal.js';
import { openJobJournal } from '../src/adapters/journal/lmdb-journal.js';
import {
  acceptedRecord,
  attempt,
  digestOfReceipt,
  executionOf,
  outputOf,
  receiptOf,
  START_MS,
} from '../test/adapters/journal/job-fixtures.js';
import { median, rounded } from './statistics.js';

const { values } = parseArgs({
  options: {
    jobs: { type: 'string', default: '4000' },
    'in-flight': { type: 'string', default: '128' },
    repetitions: { type: 'string', default: '3' },
    directory: { type: 'string', default: tmpdir() },
    out: { type: 'string', default: 'bench/results/journal.json' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(
    'npm run bench:journal -- [--jobs 4000] [--in-flight 128] [--repetitions 3] [--directory DIR] [--out FILE]',
  );
  process.exit(0);
}

/** Accepted, finished, receipted, acknowledged: each is on disk before the next begins. */
const STEPS = 4;
const PAGE = Buffer.alloc(4096, 1);

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const beganMs = performance.now();
  await work();
  return (performance.now() - beganMs) / 1_000;
};

/** The disk's own rate: a page written and brought to the disk, again and again. */
const syncsPerSecond = async (directory: string, count: number): Promise<number> => {
  const file = await open(join(directory, 'plain'), 'w');
  try {
    const took = await seconds(async () => {
      for (let at = 0; at < count; at++) {
        await file.write(PAGE, 0, PAGE.length, at * PAGE.length);
        await file.datasync();
      }
    });
    return count / took;
  } finally {
    await file.close();
  }
};

const carry = async (journal: JobJournal, number: number): Promise<void> => {
  await journal.accept(acceptedRecord(number));
  await journal.finish(attempt(number), executionOf(number), outputOf(number));
  await journal.receipt(attempt(number), receiptOf(number), digestOfReceipt);
  await journal.acknowledge(attempt(number), 'accepted', START_MS + number);
};

interface Rate {
  readonly jobsPerSecond: number;
  /** Of all threads: what remains where the disk is not what limits. */
  readonly cpuMicrosPerStep: number;
}

const rateOf = async (directory: string, jobs: number, inFlight: number): Promise<Rate> => {
  const journal = await openJobJournal(join(directory, `journal-${inFlight}`));
  let next = 1;
  const worker = async (): Promise<void> => {
    while (next <= jobs) await carry(journal, next++);
  };
  const before = process.cpuUsage();
  try {
    const took = await seconds(() => Promise.all(Array.from({ length: inFlight }, worker)));
    const { user, system } = process.cpuUsage(before);
    return { jobsPerSecond: jobs / took, cpuMicrosPerStep: (user + system) / jobs / STEPS };
  } finally {
    await journal.close();
  }
};

const jobs = Number(values.jobs);
const inFlight = Number(values['in-flight']);
const syncRates: number[] = [];
const alone: Rate[] = [];
const together: Rate[] = [];
for (let turn = 0; turn < Number(values.repetitions); turn++) {
  const directory = await mkdtemp(join(values.directory, 'rn-journal-'));
  try {
    syncRates.push(await syncsPerSecond(directory, 1_000));
    alone.push(await rateOf(directory, Math.ceil(jobs / 8), 1));
    together.push(await rateOf(directory, jobs, inFlight));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const syncs = median(syncRates);
const summary = (all: readonly Rate[]) => {
  const jobsPerSecond = median(all.map((one) => one.jobsPerSecond));
  return {
    jobsPerSecond: rounded(jobsPerSecond, 0),
    durableStepsPerSync: rounded((STEPS * jobsPerSecond) / syncs),
    cpuMicrosPerStep: rounded(median(all.map((one) => one.cpuMicrosPerStep)), 0),
  };
};
const report = {
  benchmark: 'journal',
  jobs,
  inFlight,
  node: process.version,
  takenAt: new Date().toISOString(),
  fdatasyncsPerSecond: rounded(syncs, 0),
  oneAfterTheOther: summary(alone),
  together: summary(together),
};
console.log(JSON.stringify(report, null, 2));
await mkdir(dirname(values.out), { recursive: true });
await writeFile(values.out, `${JSON.stringify(report, null, 2)}\n`);
