// What the reporter of retries says, in a real run of vitest over tests that need a second try.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';

const here = import.meta.dirname;

/** @returns what a run prints, and its exit code */
const runFixture = (...options: string[]) => {
  const vitest = join(here, '../../node_modules/vitest/vitest.mjs');
  const reporters = ['--reporter=verbose', `--reporter=${join(here, 'tell-retries.ts')}`];
  const run = spawnSync(
    process.execPath,
    [vitest, 'run', '--root', join(here, 'fixtures'), ...reporters, ...options],
    { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined } },
  );
  return { code: run.status, told: run.stderr, all: run.stdout + run.stderr };
};

describe('a test that passes when it is tried again', () => {
  let run: ReturnType<typeof runFixture>;
  beforeAll(() => {
    run = runFixture();
  }, 60_000);

  test('tells its first failure: message, fields, cause and stack', () => {
    const [, of = ''] = run.told.split(' RETRIED  second-try.fixture.ts > passes when tried again\n');
    const [failure = ''] = of.split(' RETRIED ');
    expect(failure).toContain('EngineError: the first try met an engine');
    expect(failure).toContain("code: 'ENGINE_IN_THE_WAY'");
    expect(failure).toContain('Caused by: Error: its socket was there');
    expect(failure).toContain('failAtFirst second-try.fixture.ts:13:11');
  });

  test('is named at the end of the run, alone', () => {
    const end = run.told.slice(run.told.lastIndexOf(' RETRIED '));
    expect(end).toContain(
      ' RETRIED  1 test failed at first and passed when tried again; why is told above:\n' +
        '   second-try.fixture.ts > passes when tried again\n',
    );
    expect(run.told.split(' RETRIED ')).toHaveLength(3);
  });

  test('does not make good a test that fails twice', () => {
    expect(run.code).toBe(1);
    expect(run.all).toContain('1 failed | 2 passed');
  });
});

test('a run in which nothing is tried again tells nothing', () => {
  const run = runFixture('-t', 'at once');
  expect(run.code).toBe(0);
  expect(run.all).not.toContain('RETRIED');
}, 60_000);
