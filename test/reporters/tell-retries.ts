// A vitest reporter: a test that passed only when it was tried again tells why it failed before, and the run's end names it.
import type { Reporter, TestCase, Vitest } from 'vitest/node';

const nameOf = (test: TestCase): string => `${test.module.relativeModuleId} > ${test.fullName}`;

const seconds = (ms: number | undefined): string => `${((ms ?? 0) / 1_000).toFixed(1)} s`;

export default class TellRetries implements Reporter {
  #vitest: Vitest | undefined;
  readonly #retried = new Map<string, TestCase>();

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  /** At once, so that a run that is cut short has told it. */
  onTestCaseResult(test: TestCase): void {
    const { state, errors } = test.result();
    const diagnostic = test.diagnostic();
    if (state !== 'passed' || diagnostic?.flaky !== true) return;
    this.#retried.set(test.id, test);
    const logger = this.#vitest?.logger;
    logger?.error(
      `\n RETRIED  ${nameOf(test)}\nIt passed when it was tried again (${seconds(diagnostic.duration)} in all). Before, it failed:`,
    );
    // With what the error carries besides: its cause, its fields, what was expected.
    for (const error of errors ?? []) logger?.printError(error, { project: test.project });
    for (const { type, message } of test.annotations()) logger?.error(`${type}: ${message}`);
  }

  onTestRunEnd(): void {
    const names = [...this.#retried.values()].map((test) => `   ${nameOf(test)}`);
    this.#retried.clear();
    if (names.length === 0) return;
    const what = names.length === 1 ? '1 test' : `${names.length} tests`;
    this.#vitest?.logger.error(
      `\n RETRIED  ${what} failed at first and passed when tried again; why is told above:\n${names.join('\n')}\n`,
    );
  }
}
