// Tests that never failed prove nothing: each fault of the bank is planted in a copy of the tree, and the tests it names
// must notice. Without a fault they must pass, or their failing would say nothing.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordingObstacle } from '../crash/record-life.js';
import { FaultTally } from '../report.js';
import { isWhole, scaled, seededRandom } from '../scale.js';
import { allMutants, type Mutant, plant } from './mutants.js';
import { WorkTree } from './work-tree.js';

const AT_ONCE = 2;

const obstacle = recordingObstacle();
const bank = allMutants().filter(({ needs }) => needs === undefined || obstacle === undefined);

/** All, or as many as the share allows. */
const drawn = (): readonly Mutant[] => {
  const random = seededRandom('bank');
  const order = bank.map((mutant) => ({ mutant, at: random(1 << 30) })).sort((a, b) => a.at - b.at);
  return isWhole ? bank : order.slice(0, scaled(bank.length)).map(({ mutant }) => mutant);
};

const free: WorkTree[] = [];
const waiting: ((tree: WorkTree) => void)[] = [];
const borrow = async <T>(work: (tree: WorkTree) => Promise<T>): Promise<T> => {
  const tree = free.pop() ?? (await new Promise<WorkTree>((resolve) => waiting.push(resolve)));
  try {
    return await work(tree);
  } finally {
    const next = waiting.shift();
    if (next === undefined) free.push(tree);
    else next(tree);
  }
};

const tallies = new Map<string, FaultTally>();
const count = (theme: string, outcome: string): void => {
  const tally = tallies.get(theme) ?? new FaultTally(`bug bank: ${theme}`);
  tally.count('planted', outcome);
  tallies.set(theme, tally);
};

beforeAll(() => {
  for (let trees = 0; trees < AT_ONCE; trees++) free.push(new WorkTree());
}, 120_000);
afterAll(() => {
  for (const tally of tallies.values()) tally.file();
  for (const tree of free) tree.remove();
});

test('holds enough faults, each told once', () => {
  expect(bank.length).toBeGreaterThan(obstacle === undefined ? 40 : 24);
  expect(new Set(bank.map(({ fault }) => fault)).size).toBe(bank.length);
});

test('refuses a patch that no longer applies, applies twice, or changes nothing', () => {
  const fault = { fault: 'one', from: 'a\nb', to: 'c' };
  expect(plant('x\n  a\n    b\ny', fault)).toBe('x\n  c\ny');
  expect(() => plant('x', fault)).toThrow('"one" no longer applies: its place is there 0 times');
  expect(() => plant('a\nb\na\nb', fault)).toThrow('2 times');
  expect(() => plant('a\nb', { ...fault, to: 'a\nb' })).toThrow('changes nothing');
});

describe.concurrent('each fault', () => {
  test.for(drawn().map((mutant) => [mutant.fault, mutant] as const))('%s: is noticed', ([, mutant]) =>
    borrow(async (tree) => {
      const { tests, theme } = mutant;
      const outcome = await tree.with(mutant, () => tree.run(tests, { ...mutant, isPlanted: true }));
      expect(outcome.broken).toEqual([]); // a fault that does not load is no fault
      expect(outcome.failed, `planted, and still ${outcome.passed} tests pass`).not.toEqual([]);
      count(theme, 'noticed');
    }),
  );

  test.for(drawn().filter(({ seed }) => seed !== undefined))(
    'without $fault the run of seed $seed passes',
    (mutant) =>
      borrow(async (tree) => {
        const { passed, failed, broken } = await tree.run(mutant.tests, { ...mutant, isPlanted: false });
        expect([passed > 0, failed, broken]).toEqual([true, [], []]);
        count(mutant.theme, 'its seed passes without it');
      }),
  );

  /** The control: a part for each tree. */
  const tests = [...new Set(drawn().flatMap((mutant) => mutant.tests))];
  const parts = Array.from({ length: AT_ONCE }, (_, part) => tests.filter((_, at) => at % AT_ONCE === part));
  test.for(parts.filter((part) => part.length > 0))('without a fault these tests pass: %s', (part) =>
    borrow(async (tree) => {
      const outcome = await tree.run(part, { isPlanted: false });
      expect(outcome).toMatchObject({ failed: [], broken: [] });
      expect(outcome.passed).toBeGreaterThanOrEqual(part.length);
    }),
  );
});
