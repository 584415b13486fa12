// Jobs end once: for the network, the client, the purse and the node.
import type { History } from '../history.js';
import { groupBy, type Invariant } from '../invariant.js';
import type { RecordOf } from '../record.js';

const ENDS = new Set(['completed', 'failed', 'cancelled', 'expired']);
const IN_FORCE = new Set(['offered', 'accepted']);

const moneyOf = (job: RecordOf<'job'>, entries: readonly RecordOf<'ledger'>[]): string[] => {
  if (!job.paid) return [];
  const of = (entry: string) => entries.filter((one) => one.entry === entry);
  const sum = (entry: string) => of(entry).reduce((total, { amount }) => total + BigInt(amount), 0n);
  const wrong: string[] = [];
  const settled = of('settle').length;
  if (of('reserve').length !== 1) wrong.push(`job ${job.job} is reserved ${of('reserve').length} times`);
  if (settled !== (job.state === 'completed' ? 1 : 0)) {
    wrong.push(`job ${job.job} is ${job.state} and settled ${settled} times`);
  }
  if (sum('reserve') !== sum('settle') + sum('release')) {
    wrong.push(
      `of job ${job.job} ${sum('reserve')} was reserved, ${sum('settle') + sum('release')} came back`,
    );
  }
  return wrong;
};

const answersOf = (history: History): string[] => {
  const jobs = new Map(history.of('job').map((one) => [one.job, one]));
  const answers = groupBy(history.of('answered'), ({ job }) => job);
  return history.of('asked').flatMap(({ job }) => {
    const record = jobs.get(job);
    if (record === undefined) return [`job ${job} was admitted, and the network knows nothing of it`];
    const told = answers.get(job) ?? [];
    if (told.length !== 1) return [`the client of job ${job} was answered ${told.length} times`];
    return told
      .filter(
        ({ answer }) => answer !== 'broken' && (answer === 'completed') !== (record.state === 'completed'),
      )
      .map(
        ({ answer }) => `the client of job ${job} was told ${answer}, the network has it as ${record.state}`,
      );
  });
};

/** Of every job, also one whose client the network lost before it could tell it the name. */
const jobsOf = (history: History): string[] => {
  const money = groupBy(history.of('ledger'), ({ job }) => job);
  return history.of('job').flatMap((record) => {
    const { job, state, attempts } = record;
    const wrong = ENDS.has(state) ? [] : [`job ${job} is ${state} and never ended`];
    for (const one of attempts) {
      if (!IN_FORCE.has(one.state)) continue;
      wrong.push(`job ${job} is ${state}, its attempt ${one.attempt} is still ${one.state}`);
    }
    return [...wrong, ...moneyOf(record, money.get(job) ?? [])];
  });
};

const attemptsOf = (history: History): string[] => {
  const states = new Map(
    history.of('attempt').map(({ job, attempt, state }) => [`${job} ${attempt}`, state]),
  );
  const wrong: string[] = [];
  for (const [name, state] of states) {
    if (state !== 'acknowledged') wrong.push(`attempt ${name} was accepted and is only ${state}`);
  }
  for (const { said } of history.of('frame')) {
    if (said.t !== 'job.accept' || states.has(`${said.job} ${said.attempt}`)) continue;
    wrong.push(`attempt ${said.job} ${said.attempt} was accepted, and the node has no record of it`);
  }
  return wrong;
};

export const oneEnd: Invariant = {
  id: 'I1',
  rule: 'every accepted job ends in exactly one way, is told so once and paid for once',
  evidence: (history) => history.of('asked').length,
  violations: (history) => [...answersOf(history), ...jobsOf(history), ...attemptsOf(history)],
};
