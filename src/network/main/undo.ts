// What has been built so far, taken down in reverse: by a start that fails, and by a network that stops.

export class Undo {
  readonly #steps: (() => Promise<void> | void)[] = [];
  #done: Promise<void> | undefined;

  /** @param step takes down what was just built */
  push(step: () => Promise<void> | void): void {
    this.#steps.push(step);
  }

  /** Each step once, the newest first, the rest even if one fails; again: the same promise. */
  run(): Promise<void> {
    this.#done ??= this.#run();
    return this.#done;
  }

  async #run(): Promise<void> {
    const failures: unknown[] = [];
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'the network did not stop cleanly');
  }
}
