// A copy of the work tree in which a fault may be planted and tests be run, while the tree itself stays as it is.
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { type Mutant, plant } from './mutants.js';

const ROOT = join(import.meta.dirname, '../../..');
const COPIED = ['src', 'test', 'scripts', 'package.json', 'tsconfig.json'];
/** Nothing is built: a fault need not please the compiler, and the tests here need no binary. */
const CONFIG = `export default {
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/faults/report.ts'],
    isolate: false,
    unstubEnvs: true,
    maxWorkers: 1,
    testTimeout: 300_000,
    // One file differs from run to run: all others are kept as they were compiled.
    experimental: { fsModuleCache: true, fsModuleCachePath: '.compiled' },
  },
};
`;
/** What hangs is ended by the tests' own limits; this one is for vitest itself, on a machine that others use as well. */
const LIMIT_MS = 400_000;
/** Of the fault suite's own tests, where they are run here. */
const SHARE = 0.02;

const report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().default(''),
      assertionResults: z.array(z.object({ status: z.string(), title: z.string() })),
    }),
  ),
});

/** What a mutant says of the run that finds it. */
type RunOptions = Partial<Pick<Mutant, 'title' | 'seed' | 'share'>> & {
  /** Then the first test that fails is enough. */
  readonly isPlanted: boolean;
};

export interface Outcome {
  readonly passed: number;
  /** Titles. */
  readonly failed: readonly string[];
  /** Files that did not even load, with the reason. */
  readonly broken: readonly string[];
}

/** This process's own, without what tells vitest that it runs in a vitest. */
const environment = ({ seed, share = SHARE }: RunOptions): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:VITEST|TEST$)/.test(name))),
  FAULTS_SHARE: String(share),
  ...(seed === undefined ? {} : { FAULTS_SEED: String(seed) }),
});

export class WorkTree {
  readonly #path = mkdtempSync(join(tmpdir(), 'resultity-bank-'));

  constructor() {
    for (const name of COPIED) cpSync(join(ROOT, name), join(this.#path, name), { recursive: true });
    writeFileSync(join(this.#path, 'vitest.config.ts'), CONFIG);
    symlinkSync(join(ROOT, 'node_modules'), join(this.#path, 'node_modules'));
  }

  /** Plants the fault, does the work, and takes the fault away again. */
  async with<T>(mutant: Mutant, work: () => Promise<T>): Promise<T> {
    const path = join(this.#path, mutant.file);
    const source = readFileSync(path, 'utf8');
    writeFileSync(path, plant(source, mutant));
    try {
      return await work();
    } finally {
      writeFileSync(path, source);
    }
  }

  async run(tests: readonly string[], options: RunOptions): Promise<Outcome> {
    const out = join(this.#path, 'report.json');
    const args = ['run', '--reporter=json', `--outputFile=${out}`, ...tests];
    if (options.isPlanted) args.push('--bail=1');
    // What fails without a fault is tried again: the machine may be busy with others.
    else args.push('--retry=2');
    if (options.title !== undefined) args.push('-t', options.title);
    rmSync(out, { force: true });
    const said = await this.#vitest(args, environment(options));
    try {
      return outcomeOf(report.parse(JSON.parse(readFileSync(out, 'utf8'))).testResults);
    } catch (cause) {
      throw new Error(`vitest ran no tests:\n${said}`, { cause });
    }
  }

  remove(): void {
    rmSync(this.#path, { recursive: true, force: true });
  }

  #vitest(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
    const program = join(ROOT, 'node_modules/vitest/vitest.mjs');
    const options = { cwd: this.#path, env, timeout: LIMIT_MS };
    return new Promise((resolve) => {
      execFile(process.execPath, [program, ...args], options, (_, stdout, stderr) =>
        resolve(`${stdout}${stderr}`.slice(-4_000)),
      );
    });
  }
}

const outcomeOf = (files: z.infer<typeof report>['testResults']): Outcome => {
  const tests = files.flatMap(({ assertionResults }) => assertionResults);
  return {
    passed: tests.filter(({ status }) => status === 'passed').length,
    failed: tests.filter(({ status }) => status === 'failed').map(({ title }) => title),
    broken: files
      .filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0)
      .map(({ name, message }) => `${name}: ${message}`),
  };
};
